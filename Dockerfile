# One image for every part; `command` in compose.yaml says which part a container is.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
# What we need changes seldom: a build after a change of our own code neither fetches nor installs it again.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; told = tomllib.load(open('pyproject.toml', 'rb')); \
print(*told['build-system']['requires'], *told['project']['dependencies'], sep='\n')" > needed.txt \
    && pip install --constraint constraints.txt --requirement needed.txt
COPY . .
RUN pip install --no-build-isolation --no-deps .

FROM python:3.11-slim
# The letters of reports, Arabic ones too.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/ecg-monitor ecg
COPY --from=build /opt/venv /opt/venv
COPY deploy/entrypoint.sh /opt/ecg-monitor/
COPY deploy/config.toml /etc/ecg-monitor/config.toml
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ECG_CONFIG=/etc/ecg-monitor/config.toml \
    ECG_CACHE=/var/lib/ecg-monitor/cache \
    ECG_STATE=/var/lib/ecg-monitor/state \
    ECG_ARCHIVE=/var/lib/ecg-monitor/archive
USER ecg
WORKDIR /var/lib/ecg-monitor
# A volume that is mounted there belongs to whom the folder belongs.
RUN mkdir archive && mkdir -m 700 state
# Compiled now, so that a container starts in seconds. A volume that is older than the image would hide what stood
# in its place: each image keeps its own aside, under a name of its own, and the entry point lays it where it belongs.
RUN NUMBA_CACHE_DIR=/var/lib/ecg-monitor/compiled/$(date -u +%Y%m%dT%H%M%S%N) python -m detector.analyzer.warm \
    && mkdir cache
ENTRYPOINT ["/opt/ecg-monitor/entrypoint.sh"]
CMD ["--help"]
