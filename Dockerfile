# One image for web, workers, scheduler and commands; which of them it is, and what it may know, is decided by the
# command and the secrets in docker-compose.yml. Nothing runs as root, and nothing is written into the image at run time.
FROM python:3.11-slim AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
# The folders become named volumes and keep this owner.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin wagerecords \
    && install -d -m 700 -o wagerecords -g wagerecords \
        /var/lib/wage-records/vault /var/lib/wage-records/keys /var/lib/wage-records/outbox /var/lib/wage-records/mail \
        /var/lib/wage-records/anchors /var/lib/wage-records/segments
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/app
COPY manage.py ./
COPY config config
COPY requests_app requests_app
COPY matching matching
COPY disclosure disclosure
COPY templates templates
COPY static static
COPY data/titles data/titles
COPY data/fips data/fips
# No server and no secret is needed to collect files; the address below is never connected to.
RUN WR_PROCESS=owner DATABASE_URL=postgresql://build@localhost/build python manage.py collectstatic --noinput \
    && python -m compileall -q .
USER 10001:10001
CMD ["python", "manage.py", "check", "--deploy"]
