// Of Bolt only what is used, file by file: its index also loads Express and the receivers for AWS, which take a tenth of a
// second of each start and are never called.
import app from '@slack/bolt/dist/App.js';
import httpReceiver from '@slack/bolt/dist/receivers/HTTPReceiver.js';

export * as HTTPModuleFunctions from '@slack/bolt/dist/receivers/HTTPModuleFunctions.js';
export { isValidSlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';

// CommonJS with a default export: what is imported is the module, the class is in it.
export const App = app.default;
export const HTTPReceiver = httpReceiver.default;
