# minidl in a container:  docker build --tag minidl .
#                         docker run --rm --volume "$PWD:/work" minidl run study.yaml
# It installs what constraints.txt names. Wheels that lie in wheels/ are taken too, a CPU build of torch for example. To build
# without a network (pip download --constraint constraints.txt --dest wheels . hatchling hatch-fancy-pypi-readme, with the same
# Python as below):       docker build --build-arg PIP_NO_INDEX=1 --tag minidl .
FROM python:3.13-slim
ARG PIP_NO_INDEX
# Bound and not copied, so that neither the checkout nor its wheels stay in the image.
RUN --mount=type=bind,target=/minidl,rw cd /minidl && pip install --no-cache-dir --constraint constraints.txt --find-links wheels .
WORKDIR /work
ENTRYPOINT ["minidl"]
