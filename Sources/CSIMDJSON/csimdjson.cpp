#include "include/csimdjson.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "json_number.h"
#include "json_string.h"

// The data path is one loop over members: calls in it cost more than the work.
#define CSJ_INLINE inline __attribute__((always_inline))

namespace {

/// One member name on the way to requested paths: a tree, so that "a" "b" and "a" "c" share "a".
struct Node {
    uint64_t key = 0;  // name_key of the name
    const char *name = nullptr;
    size_t name_length = 0;
    int first_child = -1;     // any child: they lead to some path
    int next_in_bucket = -1;
    int slot = -1;            // the path that ends here
    bool lists = false;       // the path that ends here collects members
    bool seen = false;
    int8_t buckets[64];  // the first child of each hash; a member costs one look, wanted or not

    Node() { memset(buckets, -1, sizeof buckets); }
};

/// Spreads the keys over the buckets (Fibonacci hashing).
CSJ_INLINE size_t bucket(uint64_t key) { return size_t(key * 0x9E3779B97F4A7C15 >> 58); }

/// A name's length and first seven bytes as one word. Reads up to 8 bytes, which the padding allows.
CSJ_INLINE uint64_t name_key(const uint8_t *name, size_t length) {
    uint64_t word = 0;
    memcpy(&word, name, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t mask = length >= 7 ? ~uint64_t(0) >> 8 : (uint64_t(1) << (length * 8)) - 1;
    return (word & mask) | uint64_t(length) << 56;
#else
    uint64_t mask = length >= 7 ? ~uint64_t(0) << 8 : ~(~uint64_t(0) >> (length * 8));
    return (word & mask) | (uint64_t(length) & 0xFF);
#endif
}

constexpr size_t kMaxNodes = CSJ_MAX_PATHS * 2;

}  // namespace

struct csj_parser {
    size_t capacity = 0;
    std::unique_ptr<uint8_t[]> buffer;
    std::unique_ptr<char[]> names;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;

    Node nodes[kMaxNodes];
    int node_count = 1;  // node 0 is the root
    csj_value values[CSJ_MAX_PATHS];
    size_t path_count = 0;

    csj_member *members = nullptr;
    size_t member_count = 0;
    size_t member_capacity = 0;

    // The walk's state.
    bool listing_all = false;
    bool is_plain = false;  // no backslash in the payload
    csj_status status = CSJ_OK;
    size_t duplicate = 0;
    size_t error_offset = 0;
    size_t skipped = 0;  // bytes of a byte order mark

    ~csj_parser() { free(members); }

    // Paths

    /// The child of `parent` with this name, made if need be; -1 when there is no room.
    int child(int parent, const char *name, size_t length) {
        uint8_t padded[8] = {};
        memcpy(padded, name, length < 8 ? length : 8);
        uint64_t key = name_key(padded, length);
        int8_t *link = &nodes[parent].buckets[bucket(key)];
        for (int i = *link; i >= 0; i = nodes[i].next_in_bucket)
            if (nodes[i].name_length == length && memcmp(nodes[i].name, name, length) == 0) return i;
        if (size_t(node_count) == kMaxNodes) return -1;
        int made = node_count++;
        nodes[made].key = key;
        nodes[made].name = name;
        nodes[made].name_length = length;
        nodes[made].next_in_bucket = *link;
        *link = int8_t(made);
        nodes[parent].first_child = made;
        return made;
    }

    bool add_path(const char *path) {
        int node = 0;
        for (;;) {
            size_t length = strcspn(path, CSJ_PATH_SEPARATOR);
            if (length == 0) return false;
            if (length == 1 && *path == '*') {
                if (path[1]) return false;
                nodes[node].lists = true;
                break;
            }
            node = child(node, path, length);
            if (node < 0) return false;
            if (!path[length]) break;
            path += length + 1;
        }
        if (nodes[node].slot >= 0) return false;
        nodes[node].slot = int(path_count++);
        return true;
    }

    // Failing

    bool fail(csj_status why, const uint8_t *at) {
        status = why;
        error_offset = size_t(at - buffer.get()) + skipped;
        return false;
    }

    // Walking: every function takes the token it stands on and returns the one past its last, or nullptr. Tokens travel
    // in registers, because a write through uint8_t * would make the compiler read any member again.

    csj_member *append() {
        if (member_count == member_capacity) {
            size_t wanted = member_capacity ? member_capacity * 2 : 64;
            auto grown = static_cast<csj_member *>(realloc(members, wanted * sizeof(csj_member)));
            if (!grown) return nullptr;
            members = grown;
            member_capacity = wanted;
        }
        return &members[member_count++];
    }

    bool emit(const uint8_t *name, size_t name_length, const csj_value &value) {
        csj_member *member = append();
        if (!member) return fail(CSJ_OUT_OF_MEMORY, buffer.get());
        *member = {name, name_length, value};
        return true;
    }

    /// The string that begins at `quote`; `next` is the token after it.
    CSJ_INLINE bool read_text(uint8_t *quote, const uint8_t *next, const uint8_t **text, size_t *length) {
        // Without a backslash anywhere, the last byte before the next token closes the string.
        if (is_plain && next[-1] == '"' && next - 1 > quote) {
            *text = quote + 1;
            *length = size_t(next - 1 - *text);
            return true;
        }
        const uint8_t *end = csj::read_string(quote + 1, length);
        if (!end) return fail(CSJ_BAD_ESCAPE, quote);
        if (!csj::ends_scalar(*end)) return fail(CSJ_BAD_SYNTAX, end);
        *text = quote + 1;
        return true;
    }

    bool read_atom(const uint8_t *at, const char *word, size_t length, csj_kind kind, csj_value *value) {
        if (memcmp(at, word, length) != 0 || !csj::ends_scalar(at[length])) return fail(CSJ_BAD_SYNTAX, at);
        value->kind = kind;
        value->text = at;
        value->length = length;
        return true;
    }

    /// Any value but a container.
    CSJ_INLINE bool read_scalar(uint8_t *at, const uint8_t *next, csj_value *value) {
        switch (*at) {
        case '"':
            value->kind = CSJ_STRING;
            return read_text(at, next, &value->text, &value->length);
        case 't': return read_atom(at, "true", 4, CSJ_TRUE, value);
        case 'f': return read_atom(at, "false", 5, CSJ_FALSE, value);
        case 'n': return read_atom(at, "null", 4, CSJ_NULL, value);
        default: return csj::read_number(at, value) || fail(CSJ_BAD_SYNTAX, at);
        }
    }

    /// `node` is the plan for what this value holds, or -1; `lists` collects its members if it is an object.
    CSJ_INLINE const uint32_t *read_value(
        const uint32_t *token, int depth, int node, bool lists, csj_value *value) {
        uint8_t *at = buffer.get() + *token;
        if (*at != '{' && *at != '[') return read_scalar(at, buffer.get() + token[1], value) ? token + 1 : nullptr;
        value->kind = *at == '{' ? CSJ_OBJECT : CSJ_ARRAY;
        value->text = at;
        value->integer = int64_t(at - buffer.get()) + int64_t(skipped);
        token = read_container(token, depth, node, lists);
        if (token) value->length = size_t(buffer.get() + token[-1] + 1 - at);
        return token;
    }

    const uint32_t *read_container(const uint32_t *token, int depth, int node, bool lists) {
        uint8_t *at = buffer.get() + *token;
        if (depth == CSJ_MAX_DEPTH) { fail(CSJ_TOO_DEEP, at); return nullptr; }
        return *at == '[' ? read_elements(token + 1, depth + 1, node) : read_members(token + 1, depth + 1, node, lists);
    }

    /// A value in the list of everything: itself, and then what it holds.
    const uint32_t *read_event(const uint32_t *token, int depth, const uint8_t *name, size_t name_length) {
        csj_value value{};
        uint8_t *at = buffer.get() + *token;
        if (*at != '{' && *at != '[') {
            bool ok = read_scalar(at, buffer.get() + token[1], &value) && emit(name, name_length, value);
            return ok ? token + 1 : nullptr;
        }
        value.text = at;
        value.kind = *at == '{' ? CSJ_OBJECT : CSJ_ARRAY;
        if (!emit(name, name_length, value)) return nullptr;
        token = read_container(token, depth, -1, false);
        value = {};
        value.kind = CSJ_END;
        return token && emit(nullptr, 0, value) ? token : nullptr;
    }

    /// The elements of an array whose bracket has been taken.
    const uint32_t *read_elements(const uint32_t *token, int depth, int node) {
        uint8_t *base = buffer.get();
        if (base[*token] == ']') return token + 1;
        bool is_planned = node >= 0 && nodes[node].first_child >= 0;
        for (size_t index = 0;; index++) {
            csj_value ignored;
            if (listing_all) {
                token = read_event(token, depth, nullptr, 0);
            } else if (is_planned && index < 100) {
                token = read_element(token, depth, nodes[node], index);
            } else {
                token = read_value(token, depth, -1, false, &ignored);
            }
            if (!token) return nullptr;
            const uint8_t *at = base + *token++;
            if (*at == ']') return token;
            if (*at != ',') { fail(CSJ_BAD_SYNTAX, at); return nullptr; }
        }
    }

    /// An element that a path may ask for as "[index]".
    const uint32_t *read_element(const uint32_t *token, int depth, const Node &parent, size_t index) {
        uint8_t name[8] = {'['};
        size_t length = 1;
        if (index >= 10) name[length++] = uint8_t('0' + index / 10);
        name[length++] = uint8_t('0' + index % 10);
        name[length++] = ']';
        csj_value ignored;
        csj_value *value = &ignored;
        int match = find(parent, name, length);
        if (match >= 0 && nodes[match].slot >= 0) value = &values[nodes[match].slot];
        return read_value(token, depth, match, match >= 0 && nodes[match].lists, value);
    }

    /// The members of an object whose brace has been taken.
    const uint32_t *read_members(const uint32_t *token, int depth, int node, bool lists) {
        uint8_t *base = buffer.get();
        if (base[*token] == '}') return token + 1;
        for (;;) {
            uint8_t *at = base + *token++;
            if (*at != '"') { fail(CSJ_BAD_SYNTAX, at); return nullptr; }
            const uint8_t *name;
            size_t name_length;
            if (!read_text(at, base + *token, &name, &name_length)) return nullptr;
            at = base + *token++;
            if (*at != ':') { fail(CSJ_BAD_SYNTAX, at); return nullptr; }
            token = listing_all ? read_event(token, depth, name, name_length)
                                : read_member(token, depth, node, lists, name, name_length);
            if (!token) return nullptr;
            at = base + *token++;
            if (*at == '}') return token;
            if (*at != ',') { fail(CSJ_BAD_SYNTAX, at); return nullptr; }
        }
    }

    CSJ_INLINE const uint32_t *read_member(
        const uint32_t *token, int depth, int node, bool lists, const uint8_t *name, size_t name_length) {
        csj_value ignored;
        csj_value *value = &ignored;
        int match = node < 0 ? -1 : find(nodes[node], name, name_length);
        if (match >= 0) {
            Node &wanted = nodes[match];
            if (wanted.seen) {
                duplicate = size_t(first_slot(match));
                fail(CSJ_DUPLICATE, name);
                return nullptr;
            }
            wanted.seen = true;
            if (wanted.slot >= 0) value = &values[wanted.slot];
        }
        token = read_value(token, depth, match, match >= 0 && nodes[match].lists, value);
        return !token || !lists || emit(name, name_length, *value) ? token : nullptr;
    }

    /// The child of `parent` with this name, or -1. Most names are told apart by one word.
    CSJ_INLINE int find(const Node &parent, const uint8_t *name, size_t length) const {
        uint64_t key = name_key(name, length);
        for (int i = parent.buckets[bucket(key)]; i >= 0; i = nodes[i].next_in_bucket) {
            if (nodes[i].key != key) continue;
            if (length <= 7 || (nodes[i].name_length == length && memcmp(nodes[i].name, name, length) == 0)) return i;
        }
        return -1;
    }

    /// Some path that leads to or through the node.
    int first_slot(int node) const {
        while (nodes[node].slot < 0) node = nodes[node].first_child;
        return nodes[node].slot;
    }

    // Documents

    /// Copies the payload into padded memory and finds its tokens.
    bool scan(const uint8_t *payload, size_t length) {
        status = CSJ_OK;
        member_count = 0;
        skipped = 0;
        if (length >= 3 && memcmp(payload, "\xEF\xBB\xBF", 3) == 0) skipped = 3;
        payload += skipped;
        length -= skipped;
        uint8_t *start = buffer.get();
        if (length > capacity) return fail(CSJ_TOO_LONG, start);
        if (length == 0) return fail(CSJ_EMPTY, start);
        memcpy(start, payload, length);
        memset(start + length, 0, simdjson::SIMDJSON_PADDING);
        auto error = scanner->stage1(start, length, simdjson::stage1_mode::regular);
        switch (error) {
        case simdjson::SUCCESS: break;
        case simdjson::EMPTY: return fail(CSJ_EMPTY, start);
        case simdjson::UTF8_ERROR: return fail(CSJ_BAD_UTF8, start);
        default: return fail(CSJ_BAD_SYNTAX, start + length);
        }
        // A walk that runs off the end meets the padding's zero, which begins no token.
        is_plain = !memchr(start, '\\', length);
        uint32_t *tokens = scanner->structural_indexes.get();
        tokens[scanner->n_structural_indexes] = uint32_t(length);
        return true;
    }

    const uint32_t *first_token() const { return scanner->structural_indexes.get(); }

    /// `token`: past the root, or nullptr where the walk has failed.
    bool finish(const uint32_t *token) {
        if (!token) return false;
        return token == first_token() + scanner->n_structural_indexes || fail(CSJ_TRAILING, buffer.get() + *token);
    }

    bool parse(const uint8_t *payload, size_t length) {
        if (!scan(payload, length)) return false;
        const uint8_t *root = buffer.get() + *first_token();
        if (*root != '{') return fail(CSJ_NOT_OBJECT, root);
        for (size_t i = 0; i < path_count; i++) values[i].kind = CSJ_MISSING;
        for (int i = 0; i < node_count; i++) nodes[i].seen = false;
        listing_all = false;
        return finish(read_container(first_token(), 0, 0, nodes[0].lists));
    }

    bool parse_events(const uint8_t *payload, size_t length) {
        listing_all = true;
        return scan(payload, length) && finish(read_event(first_token(), 0, nullptr, 0));
    }
};

extern "C" {

csj_parser *csj_parser_create(size_t capacity, const char *const *paths, size_t path_count) {
    if (path_count > CSJ_MAX_PATHS || capacity > UINT32_MAX - 4096) return nullptr;
    std::unique_ptr<csj_parser> parser(new (std::nothrow) csj_parser);
    if (!parser) return nullptr;
    parser->capacity = capacity;
    parser->buffer.reset(new (std::nothrow) uint8_t[capacity + simdjson::SIMDJSON_PADDING]);
    size_t bytes = 1;
    for (size_t i = 0; i < path_count; i++) bytes += strlen(paths[i]) + 1;
    parser->names.reset(new (std::nothrow) char[bytes]);
    if (!parser->buffer || !parser->names) return nullptr;
    char *copy = parser->names.get();
    for (size_t i = 0; i < path_count; i++) {
        size_t length = strlen(paths[i]) + 1;
        memcpy(copy, paths[i], length);
        if (!parser->add_path(copy)) return nullptr;
        copy += length;
    }
    auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity ? capacity : 1, CSJ_MAX_DEPTH, parser->scanner);
    return error || !parser->append() ? nullptr : parser.release();
}

void csj_parser_destroy(csj_parser *parser) { delete parser; }

csj_status csj_parse(csj_parser *parser, const uint8_t *payload, size_t length) {
    return parser->parse(payload, length) ? CSJ_OK : parser->status;
}

csj_status csj_parse_events(csj_parser *parser, const uint8_t *payload, size_t length) {
    return parser->parse_events(payload, length) ? CSJ_OK : parser->status;
}

const csj_value *csj_parser_values(const csj_parser *parser) { return parser->values; }
const csj_member *csj_parser_members(const csj_parser *parser) { return parser->members; }
size_t csj_parser_member_count(const csj_parser *parser) { return parser->member_count; }
size_t csj_parser_duplicate(const csj_parser *parser) { return parser->duplicate; }
size_t csj_parser_error_offset(const csj_parser *parser) { return parser->error_offset; }

int csj_dom_accepts(const uint8_t *payload, size_t length) {
    simdjson::dom::parser parser;
    if (parser.allocate(length + 1, CSJ_MAX_DEPTH)) return -1;
    if (length >= 3 && memcmp(payload, "\xEF\xBB\xBF", 3) == 0) {
        payload += 3;
        length -= 3;
    }
    simdjson::dom::element root;
    auto error = parser.parse(payload, length, true).get(root);
    if (error == simdjson::NUMBER_ERROR) return -1;
    return error == simdjson::SUCCESS;
}

}  // extern "C"
