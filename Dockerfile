# syntax=docker/dockerfile:1
ARG NODE_VERSION=20

# Compiles. Dependencies first, so that a change of the source does not install them again.
FROM node:${NODE_VERSION}-alpine AS build
WORKDIR /goredis
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json build.mjs ./
COPY src ./src
RUN npm run build

# What goredis needs at run time, without the tools.
FROM node:${NODE_VERSION}-alpine AS modules
WORKDIR /goredis
COPY package.json package-lock.json ./
# The folder is there even while there is no such dependency.
RUN npm ci --omit=dev --ignore-scripts && mkdir -p node_modules

FROM node:${NODE_VERSION}-alpine
WORKDIR /goredis
COPY package.json LICENSE ./
COPY --from=modules /goredis/node_modules ./node_modules
COPY --from=build /goredis/dist ./dist
COPY bin ./bin

# The container's own addresses: what reaches them is decided by what is published (-p). Protected
# mode would refuse even that: it comes from Docker's network, not from the container's loopback.
ENV NODE_ENV=production \
    GOREDIS_BIND="* -::*" \
    GOREDIS_PROTECTED_MODE=no
EXPOSE 6379
USER node

# Options follow the image's name: docker run goredis --requirepass bacon
ENTRYPOINT ["node", "/goredis/bin/goredis.js"]
