# syntax=docker/dockerfile:1

# Built with `docker build -t latchkey .`; docs/decisions says why the image holds a bundle and a compile cache.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build
# The licences of what is in the bundle.
COPY LICENSE /licenses/
RUN npm prune --omit=dev --omit=optional \
    && find node_modules -type f -iregex '.*/\(licen[cs]e\|notice\|copying\)[^/]*' -exec cp --parents {} /licenses \;

# Runs the program once in the final image, and loads every chunk: Node then writes what it compiled into compile-cache.
COPY <<"EOF" /warm.mjs
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
process.argv.splice(2, 0, "serve", "--socket-dir=/tmp", "--version-key=ephemeral", "--log-level=error");
const serving = import("/app/latchkey.mjs");
while (!existsSync("/tmp/latchkey.sock")) await sleep(10);
for (const name of await readdir("/app/chunks")) if (name.endsWith(".mjs")) await import(`/app/chunks/${name}`);
process.kill(process.pid, "SIGTERM");
await serving;
EOF

# The tags of distroless name no Node version: pin the digest of the one that you have checked.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
COPY --from=build /licenses /licenses
COPY --from=build /src/dist /app

# One malloc arena: small buffers of many threads' arenas would leave holes in memory. `npm run bench` measures with this and
# with the flags of ENTRYPOINT.
ENV MALLOC_ARENA_MAX=1

# The code belongs to root. Only compile-cache is given to the user that writes it, and only here: the manifests mount the
# root filesystem read-only.
USER 0:0
RUN ["/nodejs/bin/node", "-e", "const fs = require('node:fs'); fs.mkdirSync('/app/compile-cache'); fs.chownSync('/app/compile-cache', 65532, 65532)"]
USER 65532:65532
# A compile cache counts only for the Node version, processor type, V8 flags and user that it was written with, so it is
# made here, by the image's own Node, with the flags of ENTRYPOINT.
RUN --mount=type=bind,from=build,source=/warm.mjs,target=/warm.mjs ["/nodejs/bin/node", "--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size=4", "/warm.mjs"]

ENTRYPOINT ["/nodejs/bin/node", "--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size=4", "/app/latchkey.mjs"]
CMD ["serve"]
