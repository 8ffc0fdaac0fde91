#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "SluiceJournal.h"
#include "bytes.h"
#include "crc32c.h"
#include "segments.h"

#define ALARM_INTERVAL_S 60
// So many full segments' bytes stay although every consumer has read them, while the disk has room: a broker that was killed
// delivers again what it had queued at its last save, and readers know it by reading it here once more.
#define READ_SEGMENTS_KEPT 4

struct journal {
    struct journal_settings settings;
    int directory, lock;
    uint64_t number;   // of the newest segment there is, ours or an earlier start's
    uint64_t journal;  // the journal's own number
    int segment;       // what we append to, or -1: then the next append begins a segment
    uint64_t end;      // where the next record goes
    // Segments that were removed unread and not yet spoken of.
    unsigned removed_unread;
    time_t alarmed_at;
    // Shared with the syncing thread.
    pthread_t syncer;
    pthread_mutex_t swap;  // held while `segment` changes, and during a sync of the thread
    sem_t written;
    atomic_bool is_dirty, is_ending;
    atomic_int sync_error;
};

static int64_t seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static uint64_t wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// MARK: - Syncing

// Puts on disk what has been written, so and so often; asleep while nothing is.
static void *sync_loop(void *context) {
    struct journal *journal = context;
    struct timespec pause = {
        .tv_sec = journal->settings.sync_interval_ms / 1000,
        .tv_nsec = (long)(journal->settings.sync_interval_ms % 1000) * 1000000};
    while (true) {
        while (sem_wait(&journal->written) != 0) {}
        if (atomic_load(&journal->is_ending)) return NULL;
        nanosleep(&pause, NULL);
        // Before the sync: what is written during it is for the next one.
        atomic_store(&journal->is_dirty, false);
        pthread_mutex_lock(&journal->swap);
        if (journal->segment >= 0 && fdatasync(journal->segment) != 0) atomic_store(&journal->sync_error, errno);
        pthread_mutex_unlock(&journal->swap);
    }
}

static int start_syncing(struct journal *journal) {
    pthread_mutex_init(&journal->swap, NULL);
    sem_init(&journal->written, 0, 0);
    if (journal->settings.syncs_each) return 0;
    // The broker's signals are for its own thread: one that arrived here would not end its wait.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&journal->syncer, NULL, sync_loop, journal);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void stop_syncing(struct journal *journal) {
    if (!journal->settings.syncs_each) {
        atomic_store(&journal->is_ending, true);
        sem_post(&journal->written);
        pthread_join(journal->syncer, NULL);
    }
    sem_destroy(&journal->written);
    pthread_mutex_destroy(&journal->swap);
}

// MARK: - Segments

// Syncs and closes the segment in hand, if there is one.
static void end_segment(struct journal *journal) {
    if (journal->segment < 0) return;
    pthread_mutex_lock(&journal->swap);
    if (fdatasync(journal->segment) != 0) atomic_store(&journal->sync_error, errno);
    close(journal->segment);
    journal->segment = -1;
    pthread_mutex_unlock(&journal->swap);
}

// Says that unread segments had to go: at once the first time, then once a minute.
static void alarm_unread(struct journal *journal, const char *slowest) {
    time_t now = seconds_now();
    if (journal->removed_unread == 0) return;
    if (journal->alarmed_at != 0 && now - journal->alarmed_at < ALARM_INTERVAL_S) return;
    mosquitto_log_printf(
        MOSQ_LOG_ERR,
        "sluice journal: full at %" PRIu64 " bytes: removed %u unread segment(s), the slowest reader is %s. "
        "If the broker dies now, what it still queues from them is lost. Start the reader, or raise journal_max_bytes.",
        journal->settings.max_bytes, journal->removed_unread, slowest);
    journal->alarmed_at = now;
    journal->removed_unread = 0;
}

// Removes the oldest segment. Returns the bytes that this freed, or -1 when it can't be removed.
static int64_t remove_first(struct journal *journal, struct segments_extent *extent) {
    int64_t freed = segments_remove(journal->directory, extent->first);
    if (freed < 0 && errno != ENOENT) return -1;
    extent->first++;
    if (freed < 0) return 0;
    extent->bytes -= (uint64_t)freed;
    return freed;
}

// Removes the oldest segments: those that every consumer has read, but for the newest few, and then until another one fits
// below the cap. There an unread one goes too: refusing publishes instead would let one absent reader stop the
// broker for everybody, while the broker's own queue still holds what the segment held.
static void make_room(struct journal *journal) {
    char slowest[64];
    uint64_t needed = segments_first_needed(journal->directory, journal->journal, slowest, sizeof slowest);
    struct segments_extent extent;
    if (segments_measure(journal->directory, needed, &extent) != 0) return;
    while (extent.read_bytes > (READ_SEGMENTS_KEPT + 1) * journal->settings.segment_bytes && extent.first < extent.last) {
        int64_t freed = remove_first(journal, &extent);
        if (freed < 0) break;
        extent.read_bytes -= (uint64_t)freed;
    }
    while (extent.first != 0 && extent.first <= extent.last
           && extent.bytes + journal->settings.segment_bytes > journal->settings.max_bytes) {
        bool is_unread = extent.first >= needed;
        int64_t freed = remove_first(journal, &extent);
        if (freed < 0) break;
        if (freed > 0 && is_unread) journal->removed_unread++;
    }
    alarm_unread(journal, slowest);
}

static bool is_full(int error) { return error == ENOSPC || error == EDQUOT; }

// The disk is full: removes the oldest segment that every consumer has read. The newest one stays, whatever a consumer says.
// False when there is none.
static bool give_way(struct journal *journal) {
    char slowest[64];
    uint64_t needed = segments_first_needed(journal->directory, journal->journal, slowest, sizeof slowest);
    struct segments_extent extent;
    if (segments_measure(journal->directory, needed, &extent) != 0) return false;
    while (extent.first != 0 && extent.first < needed && extent.first < extent.last) {
        int64_t freed = remove_first(journal, &extent);
        if (freed < 0) return false;
        if (freed == 0) continue;
        mosquitto_log_printf(
            MOSQ_LOG_WARNING, "sluice journal: the disk is full: removed segment %" PRIu64 ", which every reader has read",
            extent.first - 1);
        return true;
    }
    return false;
}

static int begin_segment(struct journal *journal) {
    end_segment(journal);
    make_room(journal);
    int segment = segments_make(journal->directory, journal->journal, journal->number + 1);
    while (segment < 0 && is_full(errno) && give_way(journal))
        segment = segments_make(journal->directory, journal->journal, journal->number + 1);
    if (segment < 0) return errno;
    pthread_mutex_lock(&journal->swap);
    journal->segment = segment;
    pthread_mutex_unlock(&journal->swap);
    journal->number++;
    journal->end = SLUICE_JOURNAL_SEGMENT_HEADER;
    return 0;
}

// MARK: - Opening

// Cuts off what the last write before a crash left unfinished.
static int mend(int segment, uint64_t number) {
    struct segments_scan scan;
    int error = segments_scan(segment, &scan);
    if (error != 0) return error;
    if (scan.is_damaged)
        mosquitto_log_printf(
            MOSQ_LOG_ERR,
            "sluice journal: segment %" PRIu64 " is damaged at byte %" PRIu64 "; it is kept as it is, and readers skip "
            "the rest of it, %" PRIu64 " bytes", number, scan.end, scan.length - scan.end);
    if (!scan.is_torn) return 0;
    if (ftruncate(segment, (off_t)scan.end) != 0 || fsync(segment) != 0) return errno;
    mosquitto_log_printf(
        MOSQ_LOG_NOTICE, "sluice journal: cut %" PRIu64 " bytes of an unfinished record off segment %" PRIu64,
        scan.length - scan.end, number);
    return 0;
}

// Finds the journal's number and mends the newest segment. A newest segment without a sound header never had a record.
static int recover(struct journal *journal) {
    struct segments_extent extent;
    int error = segments_measure(journal->directory, 0, &extent);
    if (error != 0) return error;
    journal->number = extent.last;
    for (uint64_t number = extent.last; number >= extent.first && number > 0 && journal->journal == 0; number--) {
        int segment = segments_open(journal->directory, number, O_RDWR);
        if (segment < 0 && errno == ENOENT) continue;
        if (segment < 0) return errno;
        journal->journal = segments_journal(segment);
        if (journal->journal != 0) error = mend(segment, number);
        else mosquitto_log_printf(MOSQ_LOG_ERR, "sluice journal: segment %" PRIu64 " has no sound header", number);
        close(segment);
        if (error != 0) return error;
    }
    while (journal->journal == 0)
        if (getrandom(&journal->journal, sizeof journal->journal, 0) < 0) return errno;
    return 0;
}

// Makes a directory unless it is there. Returns a descriptor, or -1 with errno set.
static int open_directory(int parent, const char *path, mode_t mode) {
    if (mkdirat(parent, path, mode) == 0) {
        // mkdir heeds the umask.
        if (fchmodat(parent, path, mode, 0) != 0) return -1;
    } else if (errno != EEXIST) {
        return -1;
    }
    return openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_files(struct journal *journal) {
    journal->directory = open_directory(AT_FDCWD, journal->settings.directory, 0750);
    if (journal->directory < 0) return errno;
    // Readers are of our group, and say here how far they have come.
    int consumers = open_directory(journal->directory, "consumers", 02770);
    if (consumers < 0) return errno;
    close(consumers);
    journal->lock = openat(journal->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (journal->lock < 0 || flock(journal->lock, LOCK_EX | LOCK_NB) != 0) return errno;
    return recover(journal);
}

struct journal *journal_open(const struct journal_settings *settings, char *problem, size_t problem_size) {
    crc32c_prepare();
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) return NULL;
    journal->settings = *settings;
    journal->directory = journal->lock = journal->segment = -1;
    int error = open_files(journal);
    if (error == 0) error = start_syncing(journal);
    if (error == 0) return journal;
    snprintf(
        problem, problem_size, "%s: %s", settings->directory,
        error == EWOULDBLOCK ? "another broker writes this journal" : strerror(error));
    if (journal->lock >= 0) close(journal->lock);
    if (journal->directory >= 0) close(journal->directory);
    free(journal);
    return NULL;
}

void journal_close(struct journal *journal) {
    stop_syncing(journal);
    if (journal->segment >= 0) {
        fdatasync(journal->segment);
        close(journal->segment);
    }
    close(journal->lock);
    close(journal->directory);
    free(journal);
}

// MARK: - Appending

// Writes all of `parts` at `at`, whose entries it uses up. Returns 0 or an errno value.
static int write_all(int segment, struct iovec *parts, int count, uint64_t at) {
    while (count > 0) {
        ssize_t written = pwritev(segment, parts, count, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        if (written == 0) return ENOSPC;
        at += (uint64_t)written;
        for (; count > 0 && (size_t)written >= parts->iov_len; parts++, count--) written -= (ssize_t)parts->iov_len;
        if (count > 0) {
            parts->iov_base = (uint8_t *)parts->iov_base + written;
            parts->iov_len -= (size_t)written;
        }
    }
    return 0;
}

static void fill_header(uint8_t *header, const struct journal_message *message, uint32_t size) {
    put32(header, size);
    put64(header + 8, wall_ms());
    put32(header + 16, message->payload_length);
    put16(header + 20, message->topic_length);
    header[22] = message->qos;
    header[23] = message->is_retained;
    uint32_t crc = crc32c(crc32c(0, header, 4), header + 8, SLUICE_JOURNAL_RECORD_HEADER - 8);
    crc = crc32c(crc, message->topic, message->topic_length);
    put32(header + 4, crc32c(crc, message->payload, message->payload_length));
}

// A failed sync says that some of what was written may be gone, and the file will not say it again: leave it.
static void note_failed_sync(struct journal *journal) {
    int error = atomic_exchange(&journal->sync_error, 0);
    if (error == 0) return;
    mosquitto_log_printf(
        MOSQ_LOG_ERR, "sluice journal: segment %" PRIu64 " could not be synced: %s. It survives the broker's death, but "
        "perhaps not a power cut", journal->number, strerror(error));
    end_segment(journal);
    atomic_store(&journal->sync_error, 0);
}

// Writes a record at the segment's end. Returns 0 or an errno value.
static int write_record(struct journal *journal, uint8_t *header, const struct journal_message *message) {
    struct iovec parts[3] = {
        {header, SLUICE_JOURNAL_RECORD_HEADER},
        {(void *)message->topic, message->topic_length},
        {(void *)message->payload, message->payload_length}};
    return write_all(journal->segment, parts, message->payload_length > 0 ? 3 : 2, journal->end);
}

int journal_append(struct journal *journal, const struct journal_message *message) {
    uint8_t header[SLUICE_JOURNAL_RECORD_HEADER];
    uint64_t size = sizeof header + (uint64_t)message->topic_length + message->payload_length;
    if (size > SLUICE_JOURNAL_LONGEST_RECORD) return EMSGSIZE;
    note_failed_sync(journal);
    if (journal->segment < 0 || journal->end >= journal->settings.segment_bytes) {
        int error = begin_segment(journal);
        if (error != 0) return error;
    }
    fill_header(header, message, (uint32_t)size);
    int error = write_record(journal, header, message);
    while (is_full(error) && give_way(journal)) error = write_record(journal, header, message);
    if (error == 0 && journal->settings.syncs_each && fdatasync(journal->segment) != 0) error = errno;
    if (error != 0) {
        // The publish is refused, so nothing of it may stay. Should even this fail, the next record overwrites it.
        if (ftruncate(journal->segment, (off_t)journal->end) != 0) {}
        if (journal->settings.syncs_each) end_segment(journal);
        return error;
    }
    journal->end += size;
    if (!journal->settings.syncs_each && !atomic_exchange(&journal->is_dirty, true)) sem_post(&journal->written);
    return 0;
}
