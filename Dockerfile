# syntax=docker/dockerfile:1

# Built with `docker build -t latchkey .`, or for both processors with `docker buildx build --platform linux/amd64,linux/arm64`. docs/decisions
# says why the image holds a bundle and a compile cache. A test takes the same steps without Docker.

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY LICENSE ./
# What the final image adds to its base: the bundle, the licences of what is in it, and the bill of materials.
RUN npm run build && node scripts/image-files.ts /image

# The tags of distroless name no Node version: pin the digest of the one that you have checked.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
COPY --from=build /image /

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
RUN --mount=type=bind,from=build,source=/src/scripts/image-warm.mjs,target=/warm.mjs ["/nodejs/bin/node", "--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size=4", "--max-old-space-size=160", "/warm.mjs", "/app", "/tmp"]

ENTRYPOINT ["/nodejs/bin/node", "--disable-sigusr1", "--optimize-for-size", "--max-semi-space-size=4", "--max-old-space-size=160", "/app/latchkey.mjs"]
CMD ["serve"]
