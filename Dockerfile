# The image of the root action, which publishes distributions. GitHub builds it for every job that
# uses the action, with the classic builder in act: plain instructions only, and little to do.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS wheel
WORKDIR /src
COPY requirements/build.txt requirements/build.txt
RUN pip install -qq --no-cache-dir --root-user-action ignore \
    --no-deps --require-hashes --only-binary :all: -r requirements/build.txt
COPY . .
RUN pip wheel -qq --no-deps --no-build-isolation --wheel-dir /wheel .

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
ENV PYTHONUNBUFFERED=1
COPY requirements/publish.txt requirements/attestations.txt /requirements/
RUN pip install -qq --no-cache-dir --no-compile --root-user-action ignore \
    --no-deps --require-hashes --only-binary :all: -r /requirements/publish.txt
COPY --from=wheel /wheel /wheel
RUN pip install -qq --no-cache-dir --no-index --no-deps --root-user-action ignore /wheel/*.whl
# Isolated: nothing in the workspace, which is the working directory, can shadow a module.
ENTRYPOINT ["python", "-I", "-m", "dist_actions.cli", "publish"]
