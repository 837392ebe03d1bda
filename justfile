# The door to everything: `just --list`. Each recipe calls the same script that continuous integration calls.

_default:
    @just --list --unsorted

# Install what is missing on this machine, and the app's packages
setup:
    script/bootstrap
    script/frontend install

# Build and start the demo ISP in one process: `just server --fresh --http 127.0.0.1:9090`
server *options:
    script/server {{ options }}

# The app with hot reload; it forwards API calls to a server started by `just server`
dev:
    script/frontend install
    cd frontend && npm run dev

# Format, lint and type-check everything, quickly
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cd frontend && npm run --silent lint && npm run --silent typecheck

# Rust tests on SQLite and a private PostgreSQL: `just test -E 'package(persistence)'`
test *filter:
    script/with-services cargo nextest run --workspace {{ filter }}

# Accept changed golden files; read the diff before you commit it
golden:
    INSTA_UPDATE=always UPDATE_GOLDEN=1 script/with-services cargo nextest run --workspace --no-fail-fast
    git status --short

# Write openapi/v1.json from the code
openapi:
    cargo run --quiet --workspace --bin lastmile -- openapi > openapi/v1.json

# Write the app's typed client from openapi/v1.json
gen-client: openapi
    script/frontend install
    cd frontend && npm run --silent gen-client

# Browser tests on the built product
e2e:
    script/test e2e

# Bring a database to the current schema: `just migrate`
migrate:
    cargo run --quiet --workspace --bin lastmile -- migrate

# Exactly what continuous integration runs
ci:
    .ci/run

# Measure against the bars in docs/performance.md: `just bench`, `just bench radius` beside FreeRADIUS, or `just bench simnet` with a whole simulated provider
bench *options:
    bench/door {{ options }}
