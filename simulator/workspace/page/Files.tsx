import { useState } from 'react';
import { Icon } from './Icon.tsx';
import type { SharedFile } from './shapes.ts';
import { attempt } from './store.ts';

/** Shared files: pictures as they are, text with its first lines, everything to download. */
export function Files({ files }: { files: readonly SharedFile[] }) {
  return files.map((file) =>
    file.mimetype.startsWith('image/') ? <Picture key={file.id} file={file} /> : <Card key={file.id} file={file} />,
  );
}

function Picture({ file }: { file: SharedFile }) {
  return (
    <figure className="file-picture">
      <figcaption title={file.title}>{file.title}</figcaption>
      <a href={`/ui/files/${file.id}`} target="_blank" rel="noreferrer">
        <img src={`/ui/files/${file.id}`} alt={file.alt_txt || file.title} loading="lazy" />
      </a>
    </figure>
  );
}

function Card({ file }: { file: SharedFile }) {
  const [whole, setWhole] = useState<string | null>(null);
  const more = file.lines_more ?? 0;
  const open = async () => {
    const response = await fetch(`/ui/files/${file.id}`);
    if (!response.ok) throw new Error(`${file.name} cannot be read`);
    setWhole((await response.text()).slice(0, 400_000));
  };
  return (
    <section className="file" aria-label={`File ${file.title}`}>
      <header>
        <Icon name="file" />
        <span className="file-name">
          <strong>{file.title}</strong>
          <small>
            {file.pretty_type} · {size(file.size)}
            {file.lines ? ` · ${file.lines.toLocaleString()} lines` : ''}
          </small>
        </span>
        <a className="plain" href={`/ui/files/${file.id}?download=1`}>
          Download
        </a>
      </header>
      {(file.preview || whole) && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <pre className={whole ? 'code code-whole' : 'code'} tabIndex={0}>
          {whole ?? file.preview}
        </pre>
      )}
      {more > 0 && (
        <button type="button" className="plain" onClick={() => (whole ? setWhole(null) : attempt(open()))}>
          {whole ? 'Show less' : `Show ${more.toLocaleString()} more lines`}
        </button>
      )}
    </section>
  );
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
