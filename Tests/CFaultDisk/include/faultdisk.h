// A disk in memory that fails on request, as SQLite's default VFS: for one thread, one process, one simulation.
//
// Every file has two images: what was written (the kernel's page cache) and what was synced (the platters). The process
// may be killed at any call, which keeps what was written; the power may fail, which keeps what was synced and a
// pseudo-random part of the rest, torn at sectors. Never is anything lost that a sync had reported as kept: the disk is
// unlucky, not dishonest.
//
// Source: SQLite's own crash tests (https://www.sqlite.org/testing.html, section 3); what a power cut may do is the
// reading of POSIX on which https://www.sqlite.org/atomiccommit.html rests.
#ifndef FAULTDISK_H
#define FAULTDISK_H

#include <stdbool.h>
#include <stdint.h>

// What SQLite asks of the disk. A set of them is a bit mask.
typedef enum {
    FAULTDISK_OPEN = 1 << 0,
    FAULTDISK_READ = 1 << 1,
    FAULTDISK_WRITE = 1 << 2,
    FAULTDISK_SYNC = 1 << 3,
    FAULTDISK_TRUNCATE = 1 << 4,
    FAULTDISK_DELETE = 1 << 5,
    FAULTDISK_LOCK = 1 << 6,
} faultdisk_call;

// How a call fails.
typedef enum {
    // The device reports an error. A write has then been done in part; what a sync was about is still to be written.
    FAULTDISK_ERROR = 1,
    // A sync fails, and the kernel believes its pages clean although only some have reached the disk, as Linux does:
    // https://lwn.net/Articles/752063/. No later sync writes them. For FAULTDISK_SYNC.
    FAULTDISK_FORGETFUL = 4,
    // No space: writes that would make a file longer are refused. Other calls succeed.
    FAULTDISK_FULL = 2,
    // Somebody else holds the lock. For FAULTDISK_LOCK.
    FAULTDISK_BUSY = 3,
} faultdisk_failure;

// What happened since the last format.
typedef struct {
    uint64_t opens, reads, writes, syncs, truncates, deletes, locks;
    // Calls that were made to fail.
    uint64_t errors, fulls, busies, failed_syncs;
    uint64_t kills, power_cuts;
    // Calls in the middle of which the process died.
    uint64_t torn_calls;
    // 512-byte sectors that were written, never synced, and not there after a power cut.
    uint64_t lost_sectors;
} faultdisk_counts;

// Makes the disk SQLite's default VFS. Once in a process, before the first connection.
// Returns an SQLite result code.
int faultdisk_install(void);

// An empty disk; `seed` decides everything that is left to chance, SQLite's own random numbers included.
// Returns false, and does nothing, while a file is open.
bool faultdisk_format(uint64_t seed);

// From the call after the next `after` calls of the kinds in `calls` on, `times` of them fail.
// At most 8 such orders stand at a time; more are ignored.
void faultdisk_fail(uint32_t calls, uint32_t after, faultdisk_failure failure, uint32_t times);

// Takes back all that faultdisk_fail and faultdisk_die_after have ordered.
void faultdisk_heal(void);

// The process dies in the call after the next `after` calls that change something: before it, after it, or in its
// middle. From there on every call of this process's life fails.
void faultdisk_die_after(uint32_t after);

// The process dies now.
void faultdisk_die(void);

// Whether the process has died and not been started again.
bool faultdisk_is_dead(void);

// The process starts again. Files that the old one had open stay dead.
// `power_cut`: the machine had lost its power, and with it what was not synced.
void faultdisk_restart(bool power_cut);

// Copies each file whose path begins with `from`, as a power cut would leave it at its worst (`synced`) or as it was
// written, to the same path with `to` in place of `from`. Nothing fails on the copies, and they are not counted.
void faultdisk_copy(const char *from, const char *to, bool synced);

// Forgets the files whose paths begin with `prefix`. They must not be open.
void faultdisk_forget(const char *prefix);

// The simulated time, in milliseconds since the Unix epoch. SQLite's sleeping moves it.
void faultdisk_set_time(int64_t ms);
int64_t faultdisk_time(void);

faultdisk_counts faultdisk_get_counts(void);

// A hash of every call so far and of its outcome, written bytes included.
uint64_t faultdisk_hash(void);

// Called after every counted call, for a trace. `file` is the name without its directory. NULL: nobody.
typedef void (*faultdisk_observer)(const char *call, const char *file, int64_t offset, int64_t bytes, int result);
void faultdisk_observe(faultdisk_observer observer);

#endif
