#define _GNU_SOURCE
#include "segments.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "SluiceJournal.h"
#include "bytes.h"
#include "crc32c.h"

#define NAME_LENGTH 28            // 20 digits and ".journal"
#define SEARCH_LIMIT (4ull << 30)  // bytes that a search for whole records behind damage may check

static void name_of(uint64_t number, char name[NAME_LENGTH + 1]) {
    snprintf(name, NAME_LENGTH + 1, "%020" PRIu64 ".journal", number);
}

// The number in a segment's name, or 0 when it is no such name.
static uint64_t number_in(const char *name) {
    if (strlen(name) != NAME_LENGTH || strcmp(name + 20, ".journal") != 0) return 0;
    if (strspn(name, "0123456789") != 20) return 0;
    return strtoull(name, NULL, 10);
}

// A stream over a directory that leaves the caller's descriptor alone.
static DIR *entries_of(int directory, const char *path) {
    int copy = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (copy < 0) return NULL;
    DIR *entries = fdopendir(copy);
    if (entries == NULL) close(copy);
    return entries;
}

int segments_measure(int directory, uint64_t needed, struct segments_extent *extent) {
    *extent = (struct segments_extent){0};
    DIR *entries = entries_of(directory, ".");
    if (entries == NULL) return errno;
    struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        uint64_t number = number_in(entry->d_name);
        struct stat status;
        if (number == 0 || fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (extent->first == 0 || number < extent->first) extent->first = number;
        if (number > extent->last) extent->last = number;
        extent->bytes += (uint64_t)status.st_size;
        if (number < needed) extent->read_bytes += (uint64_t)status.st_size;
    }
    closedir(entries);
    return 0;
}

int segments_open(int directory, uint64_t number, int flags) {
    char name[NAME_LENGTH + 1];
    name_of(number, name);
    return openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW, 0640);
}

int segments_make(int directory, uint64_t journal, uint64_t number) {
    uint8_t header[SLUICE_JOURNAL_SEGMENT_HEADER] = {0};
    memcpy(header, SLUICE_JOURNAL_MAGIC, 8);
    put64(header + 8, journal);
    put64(header + 16, number);
    put32(header + 28, crc32c(0, header, 28));
    int segment = segments_open(directory, number, O_RDWR | O_CREAT | O_EXCL);
    if (segment < 0) return -1;
    ssize_t written = pwrite(segment, header, sizeof header, 0);
    if (written == sizeof header && fsync(segment) == 0 && fsync(directory) == 0) return segment;
    int error = written >= 0 && written < (ssize_t)sizeof header ? ENOSPC : errno;
    close(segment);
    segments_remove(directory, number);
    errno = error;
    return -1;
}

int64_t segments_remove(int directory, uint64_t number) {
    char name[NAME_LENGTH + 1];
    name_of(number, name);
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    return unlinkat(directory, name, 0) == 0 ? status.st_size : -1;
}

uint64_t segments_journal(int segment) {
    uint8_t header[SLUICE_JOURNAL_SEGMENT_HEADER];
    if (pread(segment, header, sizeof header, 0) != sizeof header) return 0;
    if (memcmp(header, SLUICE_JOURNAL_MAGIC, 8) != 0 || get32(header + 28) != crc32c(0, header, 28)) return 0;
    return get64(header + 8);
}

// The length of the record at `at` by its own words, or 0 when they can't be true.
static uint64_t claimed_size(const uint8_t *bytes, uint64_t at, uint64_t length) {
    if (length - at < SLUICE_JOURNAL_RECORD_HEADER) return 0;
    const uint8_t *record = bytes + at;
    uint64_t size = get32(record);
    if (size != SLUICE_JOURNAL_RECORD_HEADER + (uint64_t)get32(record + 16) + get16(record + 20)) return 0;
    return size <= length - at ? size : 0;
}

// The length of the whole record at `at`, or 0 when there is none.
static uint64_t record_at(const uint8_t *bytes, uint64_t at, uint64_t length) {
    uint64_t size = claimed_size(bytes, at, length);
    if (size == 0) return 0;
    const uint8_t *record = bytes + at;
    return crc32c(crc32c(0, record, 4), record + 8, size - 8) == get32(record + 4) ? size : 0;
}

int segments_scan(int segment, struct segments_scan *scan) {
    struct stat status;
    if (fstat(segment, &status) != 0) return errno;
    *scan = (struct segments_scan){.end = SLUICE_JOURNAL_SEGMENT_HEADER, .length = (uint64_t)status.st_size};
    if (scan->length <= scan->end) return 0;
    // Mapped, so that the memory is the page cache's. Nobody else writes here: the directory is locked.
    uint8_t *bytes = mmap(NULL, scan->length, PROT_READ, MAP_SHARED, segment, 0);
    if (bytes == MAP_FAILED) return errno;
    uint64_t size;
    while (scan->end < scan->length && (size = record_at(bytes, scan->end, scan->length)) > 0) scan->end += size;
    // What a write left unfinished has nothing whole behind it. If something has, this is other damage: cut nothing off.
    // A payload may be made to look like many records, so the search gives up, and cuts nothing off, after some seconds.
    uint64_t checked = 0;
    for (uint64_t at = scan->end + 1; at < scan->length && !scan->is_damaged; at++) {
        checked += claimed_size(bytes, at, scan->length);
        scan->is_damaged = checked > SEARCH_LIMIT || record_at(bytes, at, scan->length) > 0;
    }
    scan->is_torn = scan->end < scan->length && !scan->is_damaged;
    munmap(bytes, scan->length);
    return 0;
}

// Reads a consumer's file. False when it says nothing about this journal.
static bool read_consumer(int consumers, const char *name, uint64_t journal, uint64_t *segment) {
    // Whoever may write here is not trusted further than this: a pipe must not block the broker.
    int file = openat(consumers, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return false;
    char text[96];
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return false;
    text[length] = 0;
    uint64_t said, offset;
    if (sscanf(text, "%16" SCNx64 " %20" SCNu64 " %20" SCNu64, &said, segment, &offset) != 3) return false;
    return said == journal;
}

uint64_t segments_first_needed(int directory, uint64_t journal, char *slowest, size_t size) {
    snprintf(slowest, size, "nobody");
    DIR *entries = entries_of(directory, "consumers");
    if (entries == NULL) return 0;
    bool is_known = false;
    uint64_t first = 0;
    struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        // Names that begin with a dot are files on their way to another name.
        if (entry->d_name[0] == '.') continue;
        uint64_t segment = 0;
        if (!read_consumer(dirfd(entries), entry->d_name, journal, &segment)) segment = 0;
        if (is_known && segment >= first) continue;
        is_known = true;
        first = segment;
        snprintf(slowest, size, "%s", entry->d_name);
    }
    closedir(entries);
    return first;
}
