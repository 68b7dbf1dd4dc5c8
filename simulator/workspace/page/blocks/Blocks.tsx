import type { HeaderBlock, ImageBlock, InputBlock, KnownBlock, SectionBlock, TextObject } from '@slack/types';
import { useId } from 'react';
import { each } from '../each.ts';
import { Icon } from '../Icon.tsx';
import { Mrkdwn } from '../text/mrkdwn.tsx';
import { RichText } from '../text/RichText.tsx';
import { Element } from './Element.tsx';
import { useHost } from './host.ts';
import { Markdown } from './Markdown.tsx';
import { Table } from './Table.tsx';

/** Block Kit as Slack lays it out. */
export function Blocks({ blocks }: { blocks: readonly KnownBlock[] }) {
  return (
    <div className="blocks">
      {each(blocks, (block) => (
        <Block block={block} />
      ))}
    </div>
  );
}

/** `plain_text` or `mrkdwn`. */
export function Text({ text }: { text: TextObject }) {
  return <Mrkdwn text={text.text} plain={text.type === 'plain_text'} />;
}

function Block({ block }: { block: KnownBlock }) {
  switch (block.type) {
    case 'header':
      return <Header block={block} />;
    case 'section':
      return <Section block={block} />;
    case 'divider':
      return <hr />;
    case 'context':
      return (
        <div className="context">
          {each(block.elements, (element) =>
            element.type === 'image' ? (
              <Picture image={element} className="context-image" />
            ) : (
              <span>
                <Text text={element} />
              </span>
            ),
          )}
        </div>
      );
    case 'actions':
      return (
        <div className="actions">
          {each(block.elements, (element) => (
            <Element element={element} blockId={block.block_id ?? ''} />
          ))}
        </div>
      );
    case 'image':
      return (
        <figure>
          {block.title && <figcaption>{block.title.text}</figcaption>}
          <Picture image={block} className="picture" />
        </figure>
      );
    case 'input':
      return <Input block={block} />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'markdown':
      return <Markdown text={block.text} />;
    case 'table':
      return <Table rows={block.rows} settings={block.column_settings ?? []} />;
    case 'data_table':
      return <Table rows={block.rows} settings={[]} caption={block.caption} />;
    case 'alert':
      return (
        <p className={`alert alert-${block.level ?? 'default'}`} role="note">
          <Text text={block.text} />
        </p>
      );
    default:
      // Blocks that are rare in channel messages are named rather than left out, so that nobody misses them.
      return <p className="unshown">[{block.type} block]</p>;
  }
}

function Header({ block }: { block: HeaderBlock }) {
  return (
    <h3 className="header-block">
      <Text text={block.text} />
    </h3>
  );
}

function Section({ block }: { block: SectionBlock }) {
  return (
    <div className="section">
      <div className="section-body">
        {block.text && (
          <div className="section-text">
            <Text text={block.text} />
          </div>
        )}
        {block.fields && (
          <div className="fields">
            {each(block.fields, (field) => (
              <div>
                <Text text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {block.accessory &&
        (block.accessory.type === 'image' ? (
          <Picture image={block.accessory} className="accessory-image" />
        ) : (
          <div className="accessory">
            <Element element={block.accessory} blockId={block.block_id ?? ''} />
          </div>
        ))}
    </div>
  );
}

function Input({ block }: { block: InputBlock }) {
  const host = useHost();
  const id = useId();
  const error = host.error(block.block_id ?? '');
  const dispatches = block.dispatch_action ?? false;
  return (
    <div className="input" data-error={error !== undefined}>
      <label htmlFor={id} id={`${id}-label`}>
        {block.label.text}
        {block.optional && <small> (optional)</small>}
      </label>
      <Element element={block.element} blockId={block.block_id ?? ''} input={{ id, dispatches }} />
      {block.hint && <small className="hint">{block.hint.text}</small>}
      {error && (
        <p className="input-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

type Pictured = Pick<ImageBlock, 'alt_text'> & { image_url?: string; slack_file?: { id?: string; url?: string } };

/** A picture by address, or a file of this workspace. */
export function Picture({ image, className }: { image: Pictured; className: string }) {
  const file = image.slack_file;
  const fromUrl = /\/files(?:-pri)?\/(\w+)/.exec(file?.url ?? '')?.[1];
  const id = file?.id ?? fromUrl;
  const source = id ? `/ui/files/${id}` : image.image_url;
  if (!source) {
    return (
      <span className={className}>
        <Icon name="file" /> {image.alt_text}
      </span>
    );
  }
  return <img src={source} alt={image.alt_text} className={className} loading="lazy" />;
}
