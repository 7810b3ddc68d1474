# The production image of `sojourn api`, `sojourn worker` and `sojourn migrate`.

FROM python:3.12-slim AS build
WORKDIR /source
# All wheels are checked against their hashes; of these, the next step installs what production needs.
COPY requirements.txt ./
RUN pip download --quiet --no-deps --require-hashes --dest /wheels --requirement requirements.txt
COPY pyproject.toml README.md ./
COPY activities activities
COPY workflows workflows
COPY api api
COPY worker worker
RUN python -m venv /opt/sojourn \
    && /opt/sojourn/bin/pip install --quiet --compile --no-index --find-links /wheels '.[postgres,smtp]'

FROM python:3.12-slim
# No time zones but those of the pinned tzdata wheel: all workers must know the same rules.
ENV PATH=/opt/sojourn/bin:$PATH \
    PYTHONTZPATH="" \
    PYTHONUNBUFFERED=1 \
    SOJOURN_DATA=/data
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sojourn \
    && install --directory --mode 0700 --owner sojourn --group sojourn /data
COPY --from=build /opt/sojourn /opt/sojourn
USER sojourn
WORKDIR /opt/sojourn
EXPOSE 8080
CMD ["sojourn", "--help"]
