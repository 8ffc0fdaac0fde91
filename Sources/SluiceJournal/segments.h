// The files of a journal: which there are, whether they are whole, and which may go.
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What a directory holds.
struct segments_extent {
    uint64_t first, last;  // numbers; 0 when there is none
    uint64_t bytes;        // of all together
    uint64_t read_bytes;   // of those before the first needed one
};

// Returns 0, or an errno value. `needed` is the first segment that some consumer still needs, or 0.
int segments_measure(int directory, uint64_t needed, struct segments_extent *extent);

// Opens a segment. Returns a descriptor, or -1 with errno set.
int segments_open(int directory, uint64_t number, int flags);

// Makes a segment and writes its header, both durable. Returns a descriptor, or -1 with errno set and nothing left
// behind.
int segments_make(int directory, uint64_t journal, uint64_t number);

// Removes a segment and returns its size, or -1 with errno set.
int64_t segments_remove(int directory, uint64_t number);

// The journal's number in a segment's header, or 0 when that is damaged.
uint64_t segments_journal(int segment);

// What stands in a segment.
struct segments_scan {
    uint64_t end;       // of the last whole record before the first damage
    uint64_t length;    // of the file
    bool is_torn;       // there is something behind `end`, and no whole record in it
    bool is_damaged;    // there is something behind `end`, and whole records behind that
};

// Reads a segment from its header to its end. Returns 0, or an errno value.
int segments_scan(int segment, struct segments_scan *scan);

// The first segment that some consumer still needs: everything before it has been read by all of them.
// 0 when no consumer is known. `slowest`, of `size` bytes, is set to the name of the one that is furthest behind.
uint64_t segments_first_needed(int directory, uint64_t journal, char *slowest, size_t size);

#endif
