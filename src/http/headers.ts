import type { FastifyHelmetOptions } from '@fastify/helmet';

/**
 * The pages need one stylesheet and, in runbooks, pictures of ours; nothing else is let in, sent or framed. Helmet's own
 * directives would allow more (scripts and forms of this host, fonts of any).
 */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    // TLS ends before us, if at all: upgrade-insecure-requests would send stylesheet and links to an address nobody serves.
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: 'deny' },
};
