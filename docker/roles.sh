#!/usr/bin/env bash
# Runs once, when the database folder is made: the owner who migrates and the three roles that work. Their passwords
# are those of the addresses the services get as secrets; what each role may touch is granted by the migrations.
set -euo pipefail

password_of() { sed -E 's#^postgresql://[^:]*:([^@]*)@.*#\1#' "/run/secrets/$1"; }

# The statements go through standard input, so no password is in a command line.
psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
SET password_encryption = 'scram-sha-256';
SET log_statement = 'none';
CREATE ROLE wr_owner LOGIN CREATEROLE PASSWORD '$(password_of database_url)';
SET ROLE wr_owner;
CREATE ROLE wr_web LOGIN PASSWORD '$(password_of web_database_url)';
CREATE ROLE wr_worker LOGIN PASSWORD '$(password_of worker_database_url)';
CREATE ROLE wr_loader LOGIN PASSWORD '$(password_of loader_database_url)';
RESET ROLE;
CREATE DATABASE wage_records OWNER wr_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE wage_records FROM PUBLIC;
GRANT CONNECT ON DATABASE wage_records TO wr_web;
GRANT CONNECT, TEMPORARY ON DATABASE wage_records TO wr_worker, wr_loader;
SQL
