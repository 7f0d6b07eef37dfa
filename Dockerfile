# minidl in a container: docker build --tag minidl .
# It installs what constraints.txt names. Wheels that lie in wheels/ are taken first, so that it can be built offline
# (pip download --constraint constraints.txt --dest wheels .) or with a CPU build of torch.
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
WORKDIR /minidl
COPY . .
RUN PIP_FIND_LINKS=wheels make install
ENV PATH=/minidl/.venv/bin:$PATH
ENTRYPOINT ["minidl"]
