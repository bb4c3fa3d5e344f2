# Build the wheel first (`python -m pip wheel --no-deps -w dist .`), then `docker build -t faceward .`
FROM python:3.11-slim

COPY requirements/run.txt /tmp/run.txt
COPY dist/*.whl /tmp/dist/
RUN python -m pip install --no-cache-dir --only-binary :all: --require-hashes -r /tmp/run.txt \
    && python -m pip install --no-cache-dir --no-deps /tmp/dist/*.whl \
    && rm -r /tmp/run.txt /tmp/dist \
    && useradd --system --uid 8420 --home-dir /var/lib/faceward --shell /usr/sbin/nologin faceward \
    && install -d -m 0700 -o faceward -g faceward /var/lib/faceward

USER faceward
ENV FACEWARD_STATE_DIR=/var/lib/faceward/state \
    FACEWARD_CACHE_DIR=/var/lib/faceward/cache \
    FACEWARD_MODELS_DIR=/var/lib/faceward/models
VOLUME /var/lib/faceward
EXPOSE 8420

# Whatever the certificate is for: this asks the server inside, not the name that others use.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, ssl, urllib.request as u; tls = os.environ.get('FACEWARD_TLS_CERTIFICATE'); host = os.environ.get('FACEWARD_HOST', '127.0.0.1').replace('0.0.0.0', '127.0.0.1'); u.urlopen(f\"{'https' if tls else 'http'}://{host}:{os.environ.get('FACEWARD_PORT', '8420')}/health\", timeout=4, context=ssl._create_unverified_context() if tls else None)"]

ENTRYPOINT ["faceward"]
CMD ["serve"]
