import { SlackFailure } from './slackErrors.ts';

/**
 * No connection was made, or none that could be trusted, to the server or to the proxy before it; a proxy refused the tunnel.
 * Codes of https://nodejs.org/api/errors.html, of OpenSSL, and of https://undici.nodejs.org/#/docs/api/Errors.
 */
const NOT_CONNECTED = new RegExp(
  `^(?:${[
    'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL',
    'UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_CONN|UND_ERR_PRX_TLS|UND_ERR_ABORTED|ERR_PROXY_TUNNEL',
    'CERT_.*|UNABLE_TO_.*|SELF_SIGNED.*|DEPTH_ZERO.*|ERR_TLS_CERT_ALTNAME_.*|ERR_TLS_HANDSHAKE_TIMEOUT',
    'ERR_SSL_(?:.*_)?(?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|HANDSHAKE_FAILURE|UNKNOWN_CA|NO_CIPHERS_AVAILABLE)',
  ].join('|')})$`,
);

/**
 * Slack refused the call or never got it, so that it did nothing. Whatever else goes wrong leaves that open: a connection that
 * breaks once there is one may break after Slack read the request, and what broke inside Slack may have done a part of its
 * work (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
 */
export function hasNoEffect(error: unknown): boolean {
  if (!(error instanceof SlackFailure)) return false;
  if (error.reason !== null) return error.code !== 'unavailable';
  for (let cause = error.cause; Error.isError(cause); cause = cause.cause) if (isNotConnected(cause)) return true;
  return false;
}

function isNotConnected(cause: Error): boolean {
  // Of several addresses of a name each was tried: https://nodejs.org/api/net.html#netgetdefaultautoselectfamily
  if ('errors' in cause && Array.isArray(cause.errors) && cause.errors.length > 0)
    return cause.errors.every((one) => Error.isError(one) && isNotConnected(one));
  const code = 'code' in cause ? String(cause.code) : '';
  // https://nodejs.org/api/errors.html#errorsyscall
  if (NOT_CONNECTED.test(code) || ('syscall' in cause && cause.syscall === 'connect')) return true;
  // A connection that ends in the TLS handshake is told with the address it was made from, one that ends later is not:
  // `onConnectEnd` of https://github.com/nodejs/node/blob/main/lib/internal/tls/wrap.js
  return code === 'ECONNRESET' && 'localAddress' in cause;
}
