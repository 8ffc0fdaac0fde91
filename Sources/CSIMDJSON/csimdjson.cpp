#include "include/csimdjson.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "json_layouts.h"
#include "json_number.h"
#include "json_shapes.h"
#include "json_string.h"

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

    csj::Shapes shapes;
    csj::Layouts layouts;
    bool remembered_list_all = false;  // they are of documents whose everything is listed, not of those read by paths
    csj_memory memory = CSJ_LAYOUTS_AND_SHAPES;
    bool learns_layout = false;  // the payload in hand
    const csj::Layout *valued = nullptr;  // that of the document whose values the values are

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

    CSJ_INLINE csj_member *append() {
        if (member_count == member_capacity && !grow()) return nullptr;
        return &members[member_count++];
    }

    __attribute__((noinline)) bool grow() {
        size_t wanted = member_capacity ? member_capacity * 2 : 64;
        auto grown = static_cast<csj_member *>(realloc(members, wanted * sizeof(csj_member)));
        if (!grown) return false;
        members = grown;
        member_capacity = wanted;
        return true;
    }

    bool emit(const uint8_t *name, size_t name_length, const csj_value &value, int slot = -1) {
        csj_member *member = append();
        if (!member) return fail(CSJ_OUT_OF_MEMORY, buffer.get());
        *member = {name, uint32_t(name_length), int32_t(slot), value};
        return true;
    }

    /// Which path a name in the list of everything is, or -1.
    int named_slot(const uint8_t *name, size_t length) const {
        int match = name && node_count > 1 ? find(nodes[0], name, length) : -1;
        return match < 0 ? -1 : nodes[match].slot;
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
        const int slot = named_slot(name, name_length);
        if (*at != '{' && *at != '[') {
            bool ok = read_scalar(at, buffer.get() + token[1], &value) && emit(name, name_length, value, slot);
            return ok ? token + 1 : nullptr;
        }
        value.text = at;
        value.kind = *at == '{' ? CSJ_OBJECT : CSJ_ARRAY;
        if (!emit(name, name_length, value, slot)) return nullptr;
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
            } else if (is_planned) {
                token = read_element(token, depth, node, index);
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
    const uint32_t *read_element(const uint32_t *token, int depth, int node, size_t index) {
        csj_value ignored;
        csj_value *value = &ignored;
        int match = element(node, index);
        if (match >= 0 && nodes[match].slot >= 0) value = &values[nodes[match].slot];
        return read_value(token, depth, match, match >= 0 && nodes[match].lists, value);
    }

    /// What paths want of the element at `index` of an array, or -1.
    int element(int node, size_t index) const {
        if (node < 0 || nodes[node].first_child < 0 || index >= 100) return -1;
        uint8_t name[8] = {'['};
        size_t length = 1;
        if (index >= 10) name[length++] = uint8_t('0' + index / 10);
        name[length++] = uint8_t('0' + index % 10);
        name[length++] = ']';
        return find(nodes[node], name, length);
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
        // A zero ends a scalar, because the padding's must; in the document itself it is no JSON.
        if (const void *zero = memchr(start, 0, length)) {
            return fail(CSJ_BAD_SYNTAX, static_cast<const uint8_t *>(zero));
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
        if (read_remembered(payload, length, false)) return true;
        if (!scan(payload, length)) return false;
        const uint8_t *root = buffer.get() + *first_token();
        if (*root != '{') return fail(CSJ_NOT_OBJECT, root);
        forget_values();
        for (int i = 0; i < node_count; i++) nodes[i].seen = false;
        listing_all = false;
        if (!finish(read_container(first_token(), 0, 0, nodes[0].lists))) return false;
        learn(length);
        return true;
    }

    bool parse_events(const uint8_t *payload, size_t length) {
        if (read_remembered(payload, length, true)) return true;
        listing_all = true;
        if (!scan(payload, length) || !finish(read_event(first_token(), 0, nullptr, 0))) return false;
        learn(length);
        return true;
    }

    void forget_values() {
        valued = nullptr;
        for (size_t i = 0; i < path_count; i++) values[i].kind = CSJ_MISSING;
    }

    // Documents of a known layout or shape

    /// Reads the payload where it stands, if it is like one that was sound.
    CSJ_INLINE bool read_remembered(const uint8_t *payload, size_t length, bool lists_all) {
        learns_layout = false;
        if (length == 0 || length > capacity) return false;
        if (memory == CSJ_LAYOUTS_AND_SHAPES) {
            if (remembered_list_all == lists_all)
                if (const csj::Layout *layout = layouts.find(payload, length)) return read_layout(*layout, payload);
            learns_layout = layouts.wants_another(payload, length);
        }
        return !learns_layout && remembered_list_all == lists_all && read_known(payload, length);
    }

    /// Reads a document of this layout (json_layouts.h).
    bool read_layout(const csj::Layout &layout, const uint8_t *payload) {
        member_count = 0;
        // The last document's values are replaced, one by one, where it had the same.
        if (valued != &layout) forget_values();
        valued = &layout;
        for (const csj::Item *item = layout.items, *last = item + layout.item_count; item < last; item++) {
            csj_value *value;
            if (!item->is_listed) {
                value = &values[item->slot];
            } else if (!(value = list(layout.least, item->name, item->name_length, item->named))) {
                return false;
            }
            value->kind = csj_kind(item->kind);
            value->text = payload + item->at;
            value->length = item->length;
            if (item->kind == CSJ_INTEGER || item->kind == CSJ_DOUBLE) {
                read_number(*item, payload, payload + layout.length, value);
            } else {
                value->integer = int64_t(item->at);
            }
            if (item->is_listed && item->slot >= 0) values[item->slot] = *value;
        }
        return true;
    }

    /// The number at an item's place.
    CSJ_INLINE static void read_number(const csj::Item &item, const uint8_t *begin, const uint8_t *end, csj_value *value) {
        const uint8_t *at = begin + item.at;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (item.digits) return csj::read_placed_number(at, end, item.negative, item.digits, item.fraction, value);
#endif
        csj::read_number_within(at, begin, end, value);
    }

    /// The same for one of a known shape (json_shapes.h).
    bool read_known(const uint8_t *payload, size_t length) {
        const csj::Step *here = shapes.first();
        if (!here) return false;
        const uint8_t *const end = payload + length;
        // Then every number ends before the payload does.
        if (end[-1] != '}' && end[-1] != ']' && end[-1] > ' ') return false;
        member_count = 0;
        forget_values();
        for (const uint8_t *at = payload;;) {
            while (!shapes.stands(*here, at, size_t(end - at)) || !fits(*here, at + here->length, end)) {
                if (here->other < 0) return false;
                here = &shapes.steps[here->other];
            }
            csj_value *value = here->slot >= 0 ? &values[here->slot] : nullptr;
            if (!here->is_usual()) {
                if (here->bracket_count && !take_brackets(*here, at, payload)) return false;
                if (here->is_end) return true;
                if (here->is_listed && !(value = list(shapes.text, here->name, here->name_length, here->named))) return false;
            }
            at = read_plain(at + here->length, payload, end, value);
            if (!at) return false;
            if (here->is_listed && here->slot >= 0) values[here->slot] = *value;
            if (here->next < 0) return false;
            here = &shapes.steps[here->next];
        }
    }

    /// Whether the document goes on behind a step's literal as the step says.
    CSJ_INLINE static bool fits(const csj::Step &step, const uint8_t *behind, const uint8_t *end) {
        if (behind >= end) return step.is_end;
        // One literal may begin with another, but only one has a scalar behind it.
        return step.is_usual() || (!step.is_end && (step.other < 0 || csj::Shapes::starts_scalar(*behind)));
    }

    /// The place of another value in the list of members. `name`: where in `text` its name stands.
    CSJ_INLINE csj_value *list(const uint8_t *text, uint32_t name, int16_t name_length, int16_t named) {
        csj_member *member = append();
        if (!member) return nullptr;
        const bool has_name = name_length >= 0;
        member->name = has_name ? text + name : nullptr;
        member->name_length = has_name ? uint32_t(name_length) : 0;
        member->slot = named;
        return &member->value;
    }

    /// A scalar that needs no unescaping; `value` is null where nobody wants it. Returns its end, or nullptr.
    CSJ_INLINE static const uint8_t *read_plain(
        const uint8_t *at, const uint8_t *begin, const uint8_t *end, csj_value *value) {
        if (*at == '"') {
            const uint8_t *quote = csj::find_closing_quote(at + 1, begin, end);
            if (!quote) return nullptr;
            if (value) {
                value->kind = CSJ_STRING;
                value->text = at + 1;
                value->length = size_t(quote - (at + 1));
            }
            return quote + 1;
        }
        if (csj::is_digit(*at) || *at == '-') return csj::read_number_within(at, begin, end, value);
        const uint8_t *after = skip_word(at, end);
        if (after && value) {
            value->kind = *at == 't' ? CSJ_TRUE : *at == 'f' ? CSJ_FALSE : CSJ_NULL;
            value->text = at;
            value->length = size_t(after - at);
        }
        return after;
    }

    static const uint8_t *skip_word(const uint8_t *at, const uint8_t *end) {
        if (end - at > 4 && (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0)) return at + 4;
        return end - at > 5 && memcmp(at, "false", 5) == 0 ? at + 5 : nullptr;
    }

    /// The containers that begin and end within a literal.
    bool take_brackets(const csj::Step &step, const uint8_t *literal, const uint8_t *payload) {
        for (size_t i = 0; i < step.bracket_count; i++) {
            const csj::Bracket &bracket = shapes.brackets[step.bracket + i];
            const uint8_t *at = literal + bracket.at;
            if (bracket.slot < 0) {
                csj_value *value = list(shapes.text, bracket.name, bracket.name_length, bracket.named);
                if (!value) return false;
                value->kind = csj_kind(bracket.kind);
                value->text = at;
                value->length = 0;
                continue;
            }
            csj_value &value = values[bracket.slot];
            if (bracket.kind == CSJ_END) {
                value.length = size_t(at + 1 - value.text);
            } else {
                value.kind = csj_kind(bracket.kind);
                value.text = at;
                value.integer = int64_t(at - payload);
            }
        }
        return true;
    }

    /// Remembers shape and layout of the document that was just read, if its text stands as it came.
    void learn(size_t length) {
        if (memory == CSJ_NO_MEMORY || !is_plain || skipped) return;
        if (remembered_list_all != listing_all) forget();
        remembered_list_all = listing_all;
        if (!shapes.wants_another() && !learns_layout) return;
        csj::Layout *layout = learns_layout ? &layouts.begin(buffer.get(), length) : nullptr;
        Learner learner{*this, shapes, layouts, layout, buffer.get()};
        shapes.begin();
        learner.take(first_token(), listing_all ? -1 : 0, !listing_all && nodes[0].lists, listing_all, nullptr, 0);
        csj::Step last{};
        last.is_end = true;
        shapes.add(last, learner.literal, size_t(buffer.get() + length - learner.literal));
        shapes.end();
    }

    void forget() {
        shapes.forget();
        layouts.forget();
    }

    /// Walks over a sound document once more and tells the shapes what lies between its scalars, and the layout where they stand.
    struct Learner {
        const csj_parser &parser;
        csj::Shapes &known;
        csj::Layouts &layouts;
        csj::Layout *layout;     // nullptr: none is to be learned, or it can have none
        const uint8_t *literal;  // where the literal in hand begins

        /// `node` is the plan for what the value holds, or -1; `lists`: its members are listed; `listed`: it is one itself.
        const uint32_t *take(
            const uint32_t *token, int node, bool lists, bool listed, const uint8_t *name, size_t name_length) {
            const uint8_t *base = parser.buffer.get();
            const uint8_t *at = base + *token;
            const bool is_root = token == parser.first_token();
            const int slot = node >= 0 && !is_root ? parser.nodes[node].slot : -1;
            if (name_length > INT16_MAX) give_up();
            if (*at != '{' && *at != '[') {
                csj::Step step{};
                step.slot = int16_t(slot);
                step.is_listed = listed;
                if (listed && name) {
                    step.name = uint32_t(name - literal);
                    step.name_length = int16_t(name_length);
                    if (parser.listing_all) step.named = int16_t(parser.named_slot(name, name_length));
                }
                known.add(step, literal, size_t(at - literal));
                if (layout && !layout->add_scalar(item(at, slot, CSJ_MISSING, listed, name, name_length), listed || slot >= 0))
                    forget_layout();
                literal = end_of_scalar(at);
                return token + 1;
            }
            // A container among listed members is rare enough to be walked each time.
            if (listed && !parser.listing_all) give_up();
            const bool is_marked = slot >= 0 || (listed && parser.listing_all);
            if (is_marked) mark(at, slot, *at == '{' ? CSJ_OBJECT : CSJ_ARRAY, name, name_length);
            token = *at == '{' ? take_members(token + 1, node, lists) : take_elements(token + 1, node);
            if (is_marked) mark(base + token[-1], slot, CSJ_END, nullptr, 0);
            return token;
        }

        /// What a layout is told of the value or bracket at `at`.
        csj::Item item(
            const uint8_t *at, int slot, csj_kind kind, bool listed, const uint8_t *name, size_t name_length) const {
            const uint8_t *base = parser.buffer.get();
            csj::Item item{};
            item.at = uint32_t(at - base);
            item.name_length = item.named = -1;
            item.slot = int16_t(slot);
            item.kind = uint8_t(kind);
            item.is_listed = listed;
            if (listed && name) {
                item.name = uint32_t(name - base);
                item.name_length = int16_t(name_length);
            }
            if (listed && parser.listing_all) item.named = int16_t(parser.named_slot(name, name_length));
            return item;
        }

        void give_up() {
            known.give_up();
            forget_layout();
        }

        void forget_layout() {
            if (layout) layouts.give_up(*layout);
            layout = nullptr;
        }

        void mark(const uint8_t *at, int slot, csj_kind kind, const uint8_t *name, size_t name_length) {
            if (layout && !layout->add_bracket(item(at, slot, kind, parser.listing_all, name, name_length))) forget_layout();
            const size_t offset = size_t(at - literal);
            if (offset > UINT16_MAX) return known.give_up();
            csj::Bracket bracket{};
            bracket.at = uint16_t(offset);
            bracket.slot = int16_t(slot);
            bracket.kind = uint16_t(kind);
            bracket.name_length = name ? int16_t(name_length) : int16_t(-1);
            bracket.name = name ? uint32_t(name - literal) : 0;
            if (parser.listing_all) bracket.named = int16_t(parser.named_slot(name, name_length));
            known.add_bracket(bracket);
        }

        const uint32_t *take_members(const uint32_t *token, int node, bool lists) {
            const uint8_t *base = parser.buffer.get();
            if (base[*token] == '}') return token + 1;
            for (;;) {
                const uint8_t *name = base + token[0] + 1;
                const size_t length = size_t(csj::find_special(const_cast<uint8_t *>(name)) - name);
                int match = node < 0 ? -1 : parser.find(parser.nodes[node], name, length);
                token = take(
                    token + 2, match, match >= 0 && parser.nodes[match].lists, lists || parser.listing_all, name, length);
                if (base[*token++] == '}') return token;
            }
        }

        const uint32_t *take_elements(const uint32_t *token, int node) {
            const uint8_t *base = parser.buffer.get();
            if (base[*token] == ']') return token + 1;
            for (size_t index = 0;; index++) {
                int match = parser.element(node, index);
                token = take(token, match, match >= 0 && parser.nodes[match].lists, parser.listing_all, nullptr, 0);
                if (base[*token++] == ']') return token;
            }
        }

        static const uint8_t *end_of_scalar(const uint8_t *at) {
            if (*at == '"') return csj::find_special(const_cast<uint8_t *>(at) + 1) + 1;
            while (!csj::ends_scalar(*at)) at++;
            return at;
        }
    };
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

void csj_parser_remember(csj_parser *parser, csj_memory memory) {
    parser->memory = memory;
    parser->forget();
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
