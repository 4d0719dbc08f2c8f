# The functions of template.yaml in one container (docs/container.md). `make image` builds it.
FROM python:3.13-slim
WORKDIR /app

COPY requirements/container.txt requirements.txt
RUN python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: --root-user-action=ignore --requirement requirements.txt

COPY template.yaml edgeway.toml ./
COPY functions functions
COPY layers layers
COPY edgeway edgeway
ENV PYTHONPATH=/app:/app/layers/runtime:/app/layers/translator:/app/layers/gateway
# Compiled now, since its user may not write here; /data is for a store in a file, where a volume is mounted there.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app && mkdir -m 1777 /data

USER 10001:10001
EXPOSE 8080
# For `docker run`. A load balancer asks by itself, and Fargate goes by the health check of its task definition.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8080'))"]
ENTRYPOINT ["python", "-m", "edgeway"]
CMD ["serve"]
