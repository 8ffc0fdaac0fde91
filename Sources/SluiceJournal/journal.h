// The journal's writer. Used by one thread, the broker's; a second one, of its own, syncs.
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal_settings {
    char directory[512];
    uint64_t segment_bytes;     // a segment ends with the record that reaches this
    uint64_t max_bytes;         // of all segments together
    bool syncs_each;            // fdatasync before a publish is acknowledged, else every sync_interval_ms
    unsigned sync_interval_ms;
};

// What is kept of a publish.
struct journal_message {
    const char *topic;
    const void *payload;
    uint32_t payload_length;
    uint16_t topic_length;
    uint8_t qos;
    bool is_retained;
};

struct journal;

// Opens or makes a journal. The last segment's torn end, if any, is cut off. NULL with a sentence in `problem`.
struct journal *journal_open(const struct journal_settings *settings, char *problem, size_t problem_size);

// Appends a message. Returns 0, or an errno value; then nothing of it stands in the journal.
int journal_append(struct journal *journal, const struct journal_message *message);

void journal_close(struct journal *journal);

#endif
