import { inflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `#rrggbb` of a pixel. */
  at(x: number, y: number): string;
  /** How many pixels have a colour, within `tolerance` a channel. */
  count(color: string, tolerance?: number): number;
  /** How many different colours there are. */
  readonly colors: number;
}

/** Decodes a PNG of 8 bits a channel, as resvg writes it (https://www.w3.org/TR/png-3/). */
export function decodePng(bytes: Uint8Array): Picture {
  const buffer = Buffer.from(bytes);
  if (buffer.toString('latin1', 1, 4) !== 'PNG') throw new Error('not a PNG');
  const parts: Buffer[] = [];
  let width = 0;
  let height = 0;
  let channels = 4;
  for (let at = 8; at < buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    const type = buffer.toString('latin1', at + 4, at + 8);
    const body = buffer.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      if (body[8] !== 8 || (body[9] !== 6 && body[9] !== 2)) throw new Error('not 8-bit RGB or RGBA');
      channels = body[9] === 6 ? 4 : 3;
    } else if (type === 'IDAT') parts.push(body);
    at += 12 + length;
  }
  const pixels = unfilter(inflateSync(Buffer.concat(parts)), width * channels, channels);
  const rgb = (index: number) => pixels.readUIntBE(index * channels, 3);
  const all = new Map<number, number>();
  for (let index = 0; index < width * height; index += 1) {
    const at = index * channels;
    const color = ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
    all.set(color, (all.get(color) ?? 0) + 1);
  }
  return {
    width,
    height,
    colors: all.size,
    at: (x, y) =>
      `#${rgb(y * width + x)
        .toString(16)
        .padStart(6, '0')}`,
    count(color, tolerance = 6) {
      const wanted = Number.parseInt(color.slice(1), 16);
      const near = (one: number, shift: number) =>
        Math.abs(((one >> shift) & 255) - ((wanted >> shift) & 255)) <= tolerance;
      return [...all].reduce(
        (sum, [one, many]) => (near(one, 16) && near(one, 8) && near(one, 0) ? sum + many : sum),
        0,
      );
    },
  };
}

/** Byte by byte, so without an allocation in the loop. */
function unfilter(data: Uint8Array, stride: number, channels: number): Buffer {
  const rows = data.length / (stride + 1);
  const out = new Uint8Array(rows * stride);
  for (let row = 0; row < rows; row += 1) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    const filter = data[from - 1];
    for (let column = 0; column < stride; column += 1) {
      const left = column >= channels ? (out[to + column - channels] ?? 0) : 0;
      const up = row > 0 ? (out[to + column - stride] ?? 0) : 0;
      const corner = row > 0 && column >= channels ? (out[to + column - stride - channels] ?? 0) : 0;
      let predicted = 0;
      if (filter === 1) predicted = left;
      else if (filter === 2) predicted = up;
      else if (filter === 3) predicted = (left + up) >> 1;
      else if (filter === 4) predicted = paeth(left, up, corner);
      out[to + column] = (data[from + column] ?? 0) + predicted;
    }
  }
  return Buffer.from(out.buffer);
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
