// The sqlite3_vfs around the images. https://www.sqlite.org/c3ref/vfs.html
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "faultdisk.h"
#include "faults.h"
#include "images.h"

typedef struct {
    sqlite3_file base;
    inode *file;
    char *path;
    int level;
    uint64_t life;
    bool deletes_on_close;
    // A new journal: its first sync also syncs the directory, as SQLite's Unix VFS does.
    bool syncs_directory;
    // In the shared index: which locks are held.
    uint8_t shared, exclusive;
} handle;

static int64_t now_ms;

void faultdisk_set_time(int64_t ms) { now_ms = ms; }
int64_t faultdisk_time(void) { return now_ms; }

// Whether its process lives. What a dead one has open does nothing any more.
static bool lives(const handle *it) {
    return it->file->is_copy || (it->life == faults_life() && !faultdisk_is_dead());
}

static verdict judge(const handle *it, faultdisk_call call, bool grows) {
    if (it->file->is_copy) return VERDICT_GO;
    if (it->life != faults_life()) return VERDICT_DEAD;
    return faults_judge(call, grows);
}

static int note(
    const handle *it, faultdisk_call call, int64_t offset, int64_t bytes, const void *content, int result) {
    if (it->file->is_copy) return result;
    return faults_note(call, it->path, offset, bytes, content, result);
}

// MARK: Reading and writing

static int file_read(sqlite3_file *base, void *into, int count, sqlite3_int64 offset) {
    handle *it = (handle *)base;
    if (judge(it, FAULTDISK_READ, false) != VERDICT_GO)
        return note(it, FAULTDISK_READ, offset, count, NULL, SQLITE_IOERR_READ);
    int64_t there = it->file->written.size - offset;
    if (there > count) there = count;
    if (there < 0) there = 0;
    if (there > 0) memcpy(into, it->file->written.bytes + offset, (size_t)there);
    memset((uint8_t *)into + there, 0, (size_t)(count - there));
    int result = there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    return note(it, FAULTDISK_READ, offset, count, NULL, result);
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    handle *it = (handle *)base;
    bool grows = offset + count > it->file->written.size;
    int result = SQLITE_IOERR_WRITE;
    switch (judge(it, FAULTDISK_WRITE, grows)) {
    case VERDICT_GO:
        inode_write(it->file, offset, bytes, count);
        result = SQLITE_OK;
        break;
    case VERDICT_DIE_AFTER: inode_write(it->file, offset, bytes, count); break;
    case VERDICT_ERROR:
    case VERDICT_DIE_WITHIN: inode_write(it->file, offset, bytes, (int64_t)random_below((uint64_t)count)); break;
    case VERDICT_FULL: result = SQLITE_FULL; break;
    default: break;
    }
    return note(it, FAULTDISK_WRITE, offset, count, bytes, result);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    handle *it = (handle *)base;
    int result = SQLITE_IOERR_TRUNCATE;
    switch (judge(it, FAULTDISK_TRUNCATE, false)) {
    case VERDICT_GO:
        inode_truncate(it->file, size);
        result = SQLITE_OK;
        break;
    case VERDICT_DIE_AFTER:
    case VERDICT_DIE_WITHIN: inode_truncate(it->file, size); break;
    default: break;
    }
    return note(it, FAULTDISK_TRUNCATE, size, 0, NULL, result);
}

static void sync_now(handle *it) {
    inode_sync(it->file);
    if (it->syncs_directory) directory_sync();
    it->syncs_directory = false;
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)flags;
    handle *it = (handle *)base;
    int result = SQLITE_IOERR_FSYNC;
    switch (judge(it, FAULTDISK_SYNC, false)) {
    case VERDICT_GO:
        sync_now(it);
        result = SQLITE_OK;
        break;
    case VERDICT_DIE_AFTER: sync_now(it); break;
    case VERDICT_FORGET: inode_sync_in_part(it->file); break;
    // A power cut decides what of it was done.
    default: break;
    }
    return note(it, FAULTDISK_SYNC, 0, 0, NULL, result);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    handle *it = (handle *)base;
    if (!lives(it)) return SQLITE_IOERR_FSTAT;
    *size = it->file->written.size;
    return SQLITE_OK;
}

// MARK: Locks on the database file
// https://www.sqlite.org/lockingv3.html

static int lock_now(handle *it, int level) {
    inode *file = it->file;
    if (it->level == SQLITE_LOCK_NONE) {
        if (file->is_pending || file->is_exclusive) return SQLITE_BUSY;
        file->sharers++;
        it->level = SQLITE_LOCK_SHARED;
    }
    if (level >= SQLITE_LOCK_RESERVED && it->level < SQLITE_LOCK_RESERVED) {
        if (file->is_reserved) return SQLITE_BUSY;
        file->is_reserved = true;
        it->level = SQLITE_LOCK_RESERVED;
    }
    if (level >= SQLITE_LOCK_EXCLUSIVE && it->level < SQLITE_LOCK_EXCLUSIVE) {
        file->is_pending = true;
        it->level = SQLITE_LOCK_PENDING;
        if (file->sharers > 1) return SQLITE_BUSY;
        file->is_exclusive = true;
        it->level = SQLITE_LOCK_EXCLUSIVE;
    }
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level) {
    handle *it = (handle *)base;
    if (level <= it->level) return SQLITE_OK;
    int result = SQLITE_IOERR_LOCK;
    switch (judge(it, FAULTDISK_LOCK, false)) {
    case VERDICT_GO: result = lock_now(it, level); break;
    case VERDICT_BUSY: result = SQLITE_BUSY; break;
    default: break;
    }
    return note(it, FAULTDISK_LOCK, level, 0, NULL, result);
}

static void unlock_to(handle *it, int level) {
    inode *file = it->file;
    if (it->level >= SQLITE_LOCK_RESERVED && level < SQLITE_LOCK_RESERVED)
        file->is_reserved = file->is_pending = file->is_exclusive = false;
    if (it->level >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED) file->sharers--;
    it->level = level;
}

static int file_unlock(sqlite3_file *base, int level) {
    handle *it = (handle *)base;
    if (level >= it->level) return SQLITE_OK;
    if (lives(it)) unlock_to(it, level);
    it->level = level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *is_reserved) {
    handle *it = (handle *)base;
    if (!lives(it)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *is_reserved = it->file->is_reserved;
    return SQLITE_OK;
}

// MARK: The write-ahead log's shared index

static int shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **into) {
    handle *it = (handle *)base;
    *into = NULL;
    if (!lives(it)) return SQLITE_IOERR_SHMMAP;
    shared_index *index = it->file->index;
    if (!index) {
        index = it->file->index = checked_alloc(sizeof *index);
        memset(index, 0, sizeof *index);
    }
    while (index->region_count <= region) {
        if (!extend) return SQLITE_OK;
        index->regions = checked_realloc(index->regions, (size_t)(index->region_count + 1) * sizeof *index->regions);
        void *fresh = checked_alloc((size_t)bytes);
        memset(fresh, 0, (size_t)bytes);
        index->regions[index->region_count++] = fresh;
    }
    *into = index->regions[region];
    return SQLITE_OK;
}

static void shm_release(handle *it, uint8_t mask) {
    shared_index *index = it->file->index;
    for (int slot = 0; index && slot < 8; slot++) {
        uint8_t bit = (uint8_t)(1 << slot);
        if (mask & it->shared & bit) index->shared[slot]--;
        if (mask & it->exclusive & bit) index->exclusive[slot] = false;
    }
    it->shared &= (uint8_t)~mask;
    it->exclusive &= (uint8_t)~mask;
}

static int shm_take(handle *it, uint8_t mask, bool is_exclusive) {
    shared_index *index = it->file->index;
    if (!index) return SQLITE_IOERR_SHMLOCK;
    for (int slot = 0; slot < 8; slot++) {
        if (!(mask & (1 << slot))) continue;
        int others = index->shared[slot] - (it->shared >> slot & 1);
        bool is_taken = index->exclusive[slot] && !(it->exclusive >> slot & 1);
        if (is_taken || (is_exclusive && others > 0)) return SQLITE_BUSY;
    }
    for (int slot = 0; slot < 8; slot++) {
        uint8_t bit = (uint8_t)(1 << slot);
        if (!(mask & bit)) continue;
        if (is_exclusive) {
            index->exclusive[slot] = true;
            it->exclusive |= bit;
        } else if (!(it->shared & bit)) {
            index->shared[slot]++;
            it->shared |= bit;
        }
    }
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    handle *it = (handle *)base;
    uint8_t mask = (uint8_t)(((1 << count) - 1) << offset);
    if (flags & SQLITE_SHM_UNLOCK) {
        if (lives(it)) shm_release(it, mask);
        return SQLITE_OK;
    }
    int result = SQLITE_IOERR_SHMLOCK;
    switch (judge(it, FAULTDISK_LOCK, false)) {
    case VERDICT_GO: result = shm_take(it, mask, flags & SQLITE_SHM_EXCLUSIVE); break;
    case VERDICT_BUSY: result = SQLITE_BUSY; break;
    default: break;
    }
    return note(it, FAULTDISK_LOCK, offset, count, NULL, result);
}

static void shm_barrier(sqlite3_file *base) { (void)base; }

static int shm_unmap(sqlite3_file *base, int is_deleting) {
    handle *it = (handle *)base;
    if (!lives(it)) return SQLITE_OK;
    shm_release(it, 0xFF);
    if (is_deleting) inode_drop_index(it->file);
    return SQLITE_OK;
}

// MARK: The rest of a file

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

// As SQLite's Unix VFS: https://www.sqlite.org/psow.html
static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int file_close(sqlite3_file *base) {
    handle *it = (handle *)base;
    if (lives(it)) {
        unlock_to(it, SQLITE_LOCK_NONE);
        shm_release(it, 0xFF);
        if (it->deletes_on_close && it->path) directory_remove(it->path);
        // The last one out: a shared index without users is not kept.
        if (it->file->handles == 1) inode_drop_index(it->file);
    }
    it->file->handles--;
    free(it->path);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

// MARK: The disk

static bool is_copy(const char *path) {
    entry *it = path ? directory_find(path) : NULL;
    return it && it->now && it->now->is_copy;
}

// Files beside a copy (its journal, its log) are of the copy too.
static bool belongs_to_copy(const char *path) {
    if (is_copy(path)) return true;
    static const char *const suffixes[] = {"-wal", "-journal", "-shm"};
    for (int number = 0; number < 3; number++) {
        size_t length = strlen(path), cut = strlen(suffixes[number]);
        if (length <= cut || strcmp(path + length - cut, suffixes[number]) != 0) continue;
        char *main_file = strndup(path, length - cut);
        bool is = is_copy(main_file);
        free(main_file);
        return is;
    }
    return false;
}

static int open_named(handle *it, const char *path, int flags) {
    bool of_copy = belongs_to_copy(path);
    bool creates = flags & SQLITE_OPEN_CREATE, created = false;
    entry *known = directory_find(path);
    if (!known || !known->now) {
        if (!creates) return SQLITE_CANTOPEN;
        verdict it = of_copy ? VERDICT_GO : faults_judge(FAULTDISK_OPEN, false);
        if (it == VERDICT_DIE_AFTER || it == VERDICT_DIE_WITHIN) directory_open(path, true, &created);
        if (it != VERDICT_GO) return faults_note(FAULTDISK_OPEN, path, 0, 0, NULL, SQLITE_CANTOPEN);
    } else if (!of_copy && faultdisk_is_dead()) {
        return SQLITE_CANTOPEN;
    }
    it->file = directory_open(path, creates, &created);
    it->file->is_copy = of_copy;
    it->path = strdup(path);
    bool is_journal = flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL);
    it->syncs_directory = creates && is_journal;
    return of_copy ? SQLITE_OK : faults_note(FAULTDISK_OPEN, path, created, 0, NULL, SQLITE_OK);
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *flags_out) {
    (void)vfs;
    handle *it = (handle *)base;
    memset(it, 0, sizeof *it);
    it->life = faults_life();
    if (path) {
        int result = open_named(it, path, flags);
        if (result != SQLITE_OK) return result;
    } else {
        it->file = inode_make();
    }
    it->deletes_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
    it->file->handles++;
    it->base.pMethods = &methods;
    if (flags_out) *flags_out = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    (void)vfs;
    entry *known = directory_find(path);
    if (!known || !known->now) return SQLITE_IOERR_DELETE_NOENT;
    if (known->now->is_copy) {
        directory_remove(path);
        return SQLITE_OK;
    }
    int result = SQLITE_IOERR_DELETE;
    switch (faults_judge(FAULTDISK_DELETE, false)) {
    case VERDICT_GO:
        directory_remove(path);
        if (syncs_directory) directory_sync();
        result = SQLITE_OK;
        break;
    case VERDICT_DIE_AFTER:
    case VERDICT_DIE_WITHIN: directory_remove(path); break;
    default: break;
    }
    return faults_note(FAULTDISK_DELETE, path, 0, 0, NULL, result);
}

static int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs, (void)flags;
    entry *known = directory_find(path);
    // SQLite asks for existence to find a hot journal: an empty file counts as none, as in its Unix VFS.
    *result = known && known->now && (flags != SQLITE_ACCESS_EXISTS || known->now->written.size > 0);
    return SQLITE_OK;
}

static int disk_full_pathname(sqlite3_vfs *vfs, const char *path, int room, char *into) {
    (void)vfs;
    if ((int)strlen(path) >= room) return SQLITE_CANTOPEN;
    strcpy(into, path);
    return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs;
    for (int place = 0; place < count; place++) into[place] = (char)random_next();
    return count;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    now_ms += (microseconds + 999) / 1000;
    return microseconds;
}

// Milliseconds since noon in Greenwich on November 24, 4714 B.C.
static int disk_current_time(sqlite3_vfs *vfs, sqlite3_int64 *into) {
    (void)vfs;
    *into = now_ms + 210866760000000;
    return SQLITE_OK;
}

static int disk_current_day(sqlite3_vfs *vfs, double *into) {
    sqlite3_int64 ms = 0;
    int result = disk_current_time(vfs, &ms);
    *into = (double)ms / 86400000.0;
    return result;
}

static int disk_last_error(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs, (void)count, (void)into;
    return 0;
}

int faultdisk_install(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = sizeof(handle),
        .mxPathname = 1024,
        .zName = "faultdisk",
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_full_pathname,
        .xRandomness = disk_randomness,
        .xSleep = disk_sleep,
        .xCurrentTime = disk_current_day,
        .xGetLastError = disk_last_error,
        .xCurrentTimeInt64 = disk_current_time,
    };
    return sqlite3_vfs_register(&vfs, 1);
}
