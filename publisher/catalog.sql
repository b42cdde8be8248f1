-- one row: which release is current, under which BASE_URL, and in which store
CREATE TABLE pointer (
    only INTEGER PRIMARY KEY CHECK (only = 1), release INTEGER NOT NULL, base TEXT NOT NULL, place TEXT NOT NULL);

-- the graphs that a remote store has still to be given
CREATE TABLE outbox (graph TEXT PRIMARY KEY, release INTEGER NOT NULL) WITHOUT ROWID;

-- the releases; `datestamp` is when one became visible, as harvesters are told
CREATE TABLE release (
    number INTEGER PRIMARY KEY, published TEXT NOT NULL, software TEXT NOT NULL, reason TEXT NOT NULL,
    created INTEGER NOT NULL, changed INTEGER NOT NULL, withdrawn INTEGER NOT NULL, resources INTEGER NOT NULL,
    datestamp TEXT NOT NULL);

-- each thing that was ever described, and its current version
CREATE TABLE thing (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, label TEXT NOT NULL, heading TEXT NOT NULL,
    agent_kind TEXT NOT NULL, sort_key TEXT NOT NULL, version INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
    UNIQUE (kind, key));
CREATE INDEX thing_in_order ON thing (kind, sort_key, id) WHERE NOT withdrawn;

-- append-only: one row for each description at each release that changed it; its order is the change log
CREATE TABLE version (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, thing INTEGER NOT NULL REFERENCES thing, release INTEGER NOT NULL,
    label TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL, withdrawn INTEGER NOT NULL,
    digest BLOB NOT NULL, graph BLOB NOT NULL, data BLOB NOT NULL);
CREATE INDEX version_of_thing ON version (thing, sequence);
CREATE INDEX version_of_release ON version (release);

-- which description (of which kind) names which thing, and as what
CREATE TABLE mention (
    subject INTEGER NOT NULL, object INTEGER NOT NULL, attribute TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (subject, object, attribute)) WITHOUT ROWID;
CREATE INDEX mention_of_object ON mention (object, attribute, kind, subject);

-- counts, so that no page has to count: how often a thing is named, how many of a kind begin with each letter
CREATE TABLE named (
    thing INTEGER NOT NULL, attribute TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (thing, attribute, kind)) WITHOUT ROWID;
CREATE TABLE total (
    kind TEXT NOT NULL, initial TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, initial)) WITHOUT ROWID;

-- of each hundred ids of things: how many are described, and the last release that changed one (harvest/sitemap.py)
CREATE TABLE block (number INTEGER PRIMARY KEY, things INTEGER NOT NULL, release INTEGER NOT NULL);

-- what the validation says: of each record, of what could not be read, by rule, and at each release (reports/)
CREATE TABLE report (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, refused INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
    file TEXT NOT NULL, position INTEGER NOT NULL, said BLOB NOT NULL, data BLOB NOT NULL);
CREATE INDEX report_of_key ON report (key) WHERE until IS NULL;
CREATE INDEX report_in_quarantine ON report (id) WHERE refused AND until IS NULL;
CREATE INDEX report_of_place ON report (file, position) WHERE refused AND until IS NULL;
CREATE INDEX report_since ON report (since);
CREATE INDEX report_until ON report (until) WHERE until IS NOT NULL;
CREATE TABLE unread (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, line INTEGER NOT NULL, message TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER);
CREATE INDEX unread_now ON unread (id) WHERE until IS NULL;
CREATE INDEX unread_of_file ON unread (file) WHERE until IS NULL;
CREATE TABLE finding (rule TEXT NOT NULL, report INTEGER NOT NULL, PRIMARY KEY (rule, report)) WITHOUT ROWID;
CREATE TABLE measurement (
    release INTEGER NOT NULL, rule TEXT NOT NULL, severity TEXT NOT NULL, field TEXT NOT NULL, records INTEGER NOT NULL,
    PRIMARY KEY (release, rule, severity, field)) WITHOUT ROWID;

-- how many statements there are of each kind (tally.py)
CREATE TABLE tally (what TEXT NOT NULL, term TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (what, term));

-- keys that things had before
CREATE TABLE move (
    kind TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, release INTEGER NOT NULL,
    PRIMARY KEY (kind, old)) WITHOUT ROWID;

-- reviewed tables: which there are, their links, and what they decide of headings (authorities/)
CREATE TABLE linkset (
    name TEXT PRIMARY KEY, who TEXT NOT NULL, how TEXT NOT NULL, accepted TEXT NOT NULL, links INTEGER NOT NULL);
CREATE TABLE link (
    kind TEXT NOT NULL, key TEXT NOT NULL, attribute TEXT NOT NULL, iri TEXT NOT NULL, linkset TEXT NOT NULL,
    PRIMARY KEY (kind, key, attribute, iri, linkset)) WITHOUT ROWID;
CREATE INDEX link_of_linkset ON link (linkset);
CREATE TABLE decision (
    heading TEXT NOT NULL, record TEXT NOT NULL, becomes TEXT NOT NULL, linkset TEXT NOT NULL,
    PRIMARY KEY (heading, record)) WITHOUT ROWID;

-- by which records of one work are found (duplicates.py)
CREATE TABLE work (thing INTEGER PRIMARY KEY, mark BLOB NOT NULL);
CREATE INDEX work_of_mark ON work (mark);

-- representations of current versions, ready to be sent (ready.py)
CREATE TABLE ready (thing INTEGER NOT NULL, format TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (thing, format));

-- graphs of versions as N-Triples, for those who keep a copy: the length in bytes and the SHA-256 (releases/graphs.py)
CREATE TABLE ntriples (sequence INTEGER PRIMARY KEY, length INTEGER NOT NULL, sha256 BLOB NOT NULL);

-- for harvesters: records as they are sent, their sets, and receipts (items.py, releases/item_log.py)
CREATE TABLE item (
    sequence INTEGER PRIMARY KEY, thing INTEGER NOT NULL UNIQUE, release INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
    sets TEXT NOT NULL, start BLOB NOT NULL, end BLOB NOT NULL);
CREATE TABLE origin (identifier TEXT PRIMARY KEY, thing INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE item_dc (
    sequence INTEGER PRIMARY KEY, release INTEGER NOT NULL, start BLOB NOT NULL, end BLOB NOT NULL);
CREATE TABLE item_set (
    id INTEGER PRIMARY KEY, spec TEXT NOT NULL UNIQUE, name TEXT NOT NULL, query TEXT NOT NULL, items INTEGER NOT NULL);
INSERT INTO item_set VALUES (0, '', '', '', 0);
CREATE TABLE membership (
    item_set INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (item_set, sequence)) WITHOUT ROWID;
CREATE TABLE receipt (
    item_set INTEGER NOT NULL, release INTEGER NOT NULL, items INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
    digest BLOB NOT NULL, PRIMARY KEY (item_set, release)) WITHOUT ROWID;
