import type { TableBlock } from '@slack/types';
import { each } from '../each.ts';
import { RichText } from '../text/RichText.tsx';

type Cell = TableBlock['rows'][number][number];

/** A table whose first row is its head; it scrolls sideways on its own. */
export function Table({
  rows,
  settings,
  caption,
}: {
  rows: readonly (readonly Cell[])[];
  settings: NonNullable<TableBlock['column_settings']>;
  caption?: string;
}) {
  const [head = [], ...body] = rows;
  const align = (column: number) => settings[column]?.align ?? 'left';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <div className="table" tabIndex={0}>
      <table>
        {caption && <caption>{caption}</caption>}
        <thead>
          <tr>
            {each(head, (cell, column) => (
              <th scope="col" style={{ textAlign: align(column) }}>
                <Content cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {each(body, (row) => (
            <tr>
              {each(row, (cell, column) => (
                <td style={{ textAlign: align(column) }}>
                  <Content cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Content({ cell }: { cell: Cell }) {
  return cell.type === 'rich_text' ? <RichText block={cell} /> : cell.text;
}
