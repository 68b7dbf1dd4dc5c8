# Build the bundle, then keep the runtime, the bundle, the runbooks and the few packages the bundle loads on first use.
# A tag may name another image tomorrow: scripts/baseImage.mjs asks the registry for the digest it names today.
#   docker build --build-arg NODE_IMAGE="$(node scripts/baseImage.mjs)" -t lambda-responder:0.1.0 .
ARG NODE_IMAGE=node:26-bookworm-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts scripts
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY promql promql
# The names of metrics come from where the shipped rules take them.
COPY manifests manifests
COPY runbooks runbooks
RUN npm run -s build && npm prune --omit=dev --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM ${NODE_IMAGE}
ARG NODE_IMAGE
LABEL org.opencontainers.image.base.name="${NODE_IMAGE}"
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/runbooks runbooks
USER 10001:10001
EXPOSE 8080
# The source map is beside the bundle, but reading it costs 140 MB as soon as one error is logged: set
# NODE_OPTIONS=--enable-source-maps when positions in the source are worth that. The heap is kept small, and not collected
# before it has what the start needs (48 MB): three collections of it would be an eighth of the start.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "--initial-old-space-size=48", "dist/main.js"]
