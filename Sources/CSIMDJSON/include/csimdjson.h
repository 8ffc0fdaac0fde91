// JSON at the speed of a scan: simdjson's first stage, and a strict walk over what it found, behind a C header.
//
// Debian's simdjson 3.0.1 finds the tokens and validates UTF-8 with vector instructions. The walk here then checks
// every value of the document, wanted or not, so that a message is either wholly sound JSON (RFC 8259) or refused:
// simdjson's own on-demand front end skips what nobody asks for, and its DOM can't tell 1e309 from a syntax error.
// A document of a shape that was sound before, which in the field nearly all are, is read without either (json_layouts.h, json_shapes.h).
//
// Nothing is allocated after creation, except by csj_parse_events and by a payload with more members than any before.
// Not thread-safe: one parser has one owner at a time. No C++ exception crosses.

#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Containers nested deeper than this are refused; the root counts as 1.
#define CSJ_MAX_DEPTH 16
/// The most paths that one parser takes.
#define CSJ_MAX_PATHS 64

/// Between the names of a path: a control character, so that names may have dots.
#define CSJ_PATH_SEPARATOR "\x1F"

typedef enum csj_status {
    CSJ_OK = 0,
    CSJ_EMPTY,          ///< no bytes, or nothing but white space
    CSJ_TOO_LONG,       ///< longer than the parser's capacity
    CSJ_BAD_UTF8,
    CSJ_NOT_OBJECT,     ///< the root is something else than an object
    CSJ_TOO_DEEP,
    CSJ_BAD_SYNTAX,     ///< also a cut document, and an unescaped control character in a string
    CSJ_BAD_ESCAPE,     ///< in a string; also half a surrogate pair
    CSJ_TRAILING,       ///< something follows the root
    CSJ_DUPLICATE,      ///< a requested path occurs twice; csj_parser_duplicate says which
    CSJ_OUT_OF_MEMORY,
} csj_status;

typedef enum csj_kind {
    CSJ_MISSING = 0,
    CSJ_NULL,
    CSJ_FALSE,
    CSJ_TRUE,
    CSJ_INTEGER,        ///< written without fraction or exponent, and fits int64
    CSJ_DOUBLE,         ///< any other number that is finite as a double
    CSJ_HUGE,           ///< a number by grammar, infinite as a double
    CSJ_STRING,
    CSJ_OBJECT,
    CSJ_ARRAY,
    CSJ_END,            ///< events only: the innermost open container ends
} csj_kind;

/// One value. The text points into the parser's memory or the payload, and is valid until the next parse while the payload is.
typedef struct csj_value {
    /// A string's bytes, unescaped; of any other kind, what is written in the payload. A container's strings may stand
    /// there unescaped already: read it from the payload itself, at `integer`. (csj_parse_events: containers have length 0.)
    const uint8_t *text;
    size_t length;
    /// Of CSJ_INTEGER and CSJ_DOUBLE.
    double number;
    /// Of CSJ_INTEGER; of a container after csj_parse: where in the payload it begins, in bytes.
    int64_t integer;
    csj_kind kind;
} csj_value;

/// A member of the object that a path ending in ".*" names, or one event of a whole document.
typedef struct csj_member {
    /// The member's name, unescaped. NULL for an element of an array, the root and CSJ_END.
    const uint8_t *name;
    uint32_t name_length;
    /// csj_parse_events: which of the parser's paths the name is, at whatever depth; -1: none. Otherwise -1.
    int32_t slot;
    csj_value value;
} csj_member;

typedef struct csj_parser csj_parser;

/// Makes a parser for payloads of at most `capacity` bytes that fills the values of `paths`.
///
/// A path is member names joined by CSJ_PATH_SEPARATOR, where "[n]" (0-99) is an array's element: "rx", "[0]", "rssi".
/// At most one path is "*" or ends in a name "*" and collects the members of that object (the root), in payload order,
/// duplicates included. Paths must differ.
/// Returns NULL where memory is short or a path is malformed.
csj_parser *csj_parser_create(size_t capacity, const char *const *paths, size_t path_count);
void csj_parser_destroy(csj_parser *parser);

/// Validates the whole payload and fills the values of the requested paths, a member list for the
/// ".*" path included. The root must be an object. A requested path that occurs twice is CSJ_DUPLICATE;
/// members that nobody requested may repeat. On any status but CSJ_OK the values are unspecified.
/// A byte order mark before the document is skipped.
csj_status csj_parse(csj_parser *parser, const uint8_t *payload, size_t length);

/// What a parser remembers of documents that were sound, which makes the next ones like them cheap. It reads the same either way.
typedef enum csj_memory {
    CSJ_NO_MEMORY = 0,
    CSJ_SHAPES,              ///< which members come in which order (json_shapes.h)
    CSJ_LAYOUTS_AND_SHAPES,  ///< and how long their scalars are (json_layouts.h); what a parser does unless it is told otherwise
} csj_memory;

/// Sets what the parser remembers, and forgets what it has remembered.
void csj_parser_remember(csj_parser *parser, csj_memory memory);

/// The values of the last parse, one a path, in the order of csj_parser_create. The "*" path's own is CSJ_OBJECT where
/// there was such an object, of another kind where there was something else, or CSJ_MISSING.
const csj_value *csj_parser_values(const csj_parser *parser);
const csj_member *csj_parser_members(const csj_parser *parser);
size_t csj_parser_member_count(const csj_parser *parser);
/// After CSJ_DUPLICATE: the index of the path.
size_t csj_parser_duplicate(const csj_parser *parser);
/// After a failure: where in the payload it was met, in bytes.
size_t csj_parser_error_offset(const csj_parser *parser);

/// Validates a document of any shape and lists everything in it, in order: containers begin with CSJ_OBJECT or
/// CSJ_ARRAY and end with CSJ_END. Read the list with csj_parser_members. For files, not for the data path.
csj_status csj_parse_events(csj_parser *parser, const uint8_t *payload, size_t length);

/// Whether simdjson's own DOM parser takes the same payload, for tests and fuzzing: the walk here must agree with it.
/// -1 where they may differ by design (a number that is no finite double).
int csj_dom_accepts(const uint8_t *payload, size_t length);

#ifdef __cplusplus
}
#endif
#endif
