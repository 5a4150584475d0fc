# The three services and the command line, built from source. Two stages, so that the images that run
# hold no compiler; one build, three images: `docker build --target gateway .` and so on.

FROM rust:1-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY proto proto
COPY data data
COPY crates crates
COPY services services
RUN cargo build --release --locked \
      -p whence-cli -p whence-affiliation-resolver -p whence-metrics -p whence-gateway \
    && mkdir /out \
    && cp target/release/whence target/release/whence-affiliation-resolver \
          target/release/whence-metrics target/release/whence-gateway /out/

FROM debian:bookworm-slim AS base
RUN useradd --system --uid 10001 --home-dir /var/lib/whence --create-home whence \
    && mkdir -p /var/lib/whence/store /var/lib/whence/registry \
    && chown -R whence /var/lib/whence
COPY --from=build /out/whence /usr/local/bin/whence
USER whence
STOPSIGNAL SIGTERM

FROM base AS affiliation-resolver
COPY --from=build /out/whence-affiliation-resolver /usr/local/bin/
ENV WHENCE_RESOLVER_LISTEN=0.0.0.0:7341
EXPOSE 7341
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["whence", "health", "--gateway", "http://127.0.0.1:7341"]
ENTRYPOINT ["whence-affiliation-resolver"]

FROM base AS metrics
COPY --from=build /out/whence-metrics /usr/local/bin/
ENV WHENCE_METRICS_LISTEN=0.0.0.0:7342 WHENCE_METRICS_STORE=/var/lib/whence/store
EXPOSE 7342
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD ["whence", "health", "--gateway", "http://127.0.0.1:7342"]
ENTRYPOINT ["whence-metrics"]

FROM base AS gateway
COPY --from=build /out/whence-gateway /usr/local/bin/
ENV WHENCE_GATEWAY_LISTEN=0.0.0.0:7340
EXPOSE 7340
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["whence", "health", "--gateway", "http://127.0.0.1:7340"]
ENTRYPOINT ["whence-gateway"]
