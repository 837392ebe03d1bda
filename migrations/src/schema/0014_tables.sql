-- One row that is written to learn whether anything can be written.
CREATE TABLE write_probe (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    at %instant,
    filler %bytes
);;
INSERT INTO write_probe (id) VALUES (1);;
