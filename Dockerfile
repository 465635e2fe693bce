# One image, every role: the command says which.
#   node apps/indexer/dist/main.js   node apps/api/dist/main.js   node apps/node/dist/main.js   node apps/cli/dist/main.js
FROM node:24-bookworm-slim AS build
WORKDIR /openimo
COPY . .
# The contracts' compiler, the tests' tools and the bundled Node are not needed to run.
RUN npm ci && npm run build && npm prune --omit=dev && rm -rf .nx contracts/cache node_modules/node node_modules/node-linux-*

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /openimo
COPY --from=build /openimo .
# Volumes mounted here begin as these folders are: writable by whom the services run as, and by nobody else.
RUN install -d -o node -g node -m 750 /state /chain
USER node
ENTRYPOINT ["node", "--no-warnings"]
CMD ["apps/indexer/dist/main.js"]
