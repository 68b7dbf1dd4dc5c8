// Draws charts in a thread of its own: loading ECharts takes about a second and drawing a tenth of one, in which the
// main thread would answer nobody. It is started for the first chart and ends when there is nothing to draw.
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { Resvg } from '@resvg/resvg-js';
import { LineChart } from 'echarts/charts';
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TitleComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart } from './chart.ts';
import { heightOf, optionOf, WIDTH } from './option.ts';

use([
  LineChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  GraphicComponent,
  MarkLineComponent,
  MarkAreaComponent,
  SVGRenderer,
]);

const FONT = {
  loadSystemFonts: false,
  fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
    fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}`)),
  ),
  defaultFontFamily: 'DejaVu Sans',
};

/** A chart, or a picture that is SVG already. */
type Drawing = Chart | string;

function pngOf(svg: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Resvg(svg, { font: FONT }).render().asPng());
}

function draw(chart: Drawing): Uint8Array<ArrayBuffer> {
  if (typeof chart === 'string') return pngOf(chart);
  const canvas = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: heightOf(chart) });
  try {
    canvas.setOption(optionOf(chart));
    return pngOf(canvas.renderToSVGString());
  } finally {
    // Otherwise its timers live on.
    canvas.dispose();
  }
}

parentPort?.on('message', ({ id, chart }: { readonly id: number; readonly chart: Drawing }) => {
  try {
    const png = draw(chart);
    parentPort?.postMessage({ id, png }, [png.buffer]);
  } catch (error) {
    parentPort?.postMessage({ id, problem: Error.isError(error) ? error.message : String(error) });
  }
});
