/** The library that makes log lines readable, imported where somebody reads them on a terminal. */
export { prettyFactory } from 'pino-pretty';
