// Files and their two images; see faultdisk.h. Not for other targets.
#ifndef FAULTDISK_IMAGES_H
#define FAULTDISK_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECTOR_BYTES = 512 };

// Bytes that grow.
typedef struct {
    uint8_t *bytes;
    int64_t size, capacity;
} image;

void image_write(image *it, int64_t offset, const void *bytes, int64_t count);
void image_resize(image *it, int64_t size);

// A change since the last sync: a write of `count` bytes at `offset`, or with `count` -1 a truncation to `offset`.
typedef struct {
    int64_t offset, count;
    // Where its bytes stand in the file's `pending_bytes`.
    int64_t start;
} change;

// The index of a write-ahead log that connections share. It dies with the process.
typedef struct shared_index {
    void **regions;
    int region_count;
    int shared[8];
    bool exclusive[8];
    struct shared_index *next_buried;
} shared_index;

// A file, whatever its name. Lives until the disk is formatted or the file is forgotten.
typedef struct inode {
    image written, synced;
    change *pending;
    int pending_count, pending_capacity;
    image pending_bytes;
    int handles;
    // SQLite's locks on a database file.
    int sharers;
    bool is_reserved, is_pending, is_exclusive;
    shared_index *index;
    // A copy for looking at: nothing fails, nothing is counted.
    bool is_copy;
    struct inode *next;
} inode;

// A name, and which file it names: now, and after a power cut.
typedef struct entry {
    char *path;
    inode *now, *synced;
    struct entry *next;
} entry;

entry *directory_find(const char *path);
// The file of that name, made if there is none.
inode *directory_open(const char *path, bool create, bool *created);
void directory_remove(const char *path);
// All names are as they are now, also after a power cut.
void directory_sync(void);
inode *inode_make(void);
bool directory_is_in_use(void);
void directory_format(void);

void inode_write(inode *file, int64_t offset, const void *bytes, int64_t count);
void inode_truncate(inode *file, int64_t size);
void inode_sync(inode *file);
// A sync that fails: some of what was pending reached the disk, and nothing is pending any more.
void inode_sync_in_part(inode *file);
// Buries the shared index: connections of a dead process may still look at it.
void inode_drop_index(inode *file);

// What a power cut leaves. Returns how many sectors were lost.
uint64_t directory_power_cut(void);
// The process has ended: locks and shared memory go.
void directory_kill(void);

void random_seed(uint64_t seed);
uint64_t random_next(void);
// 0..<bound
uint64_t random_below(uint64_t bound);

void *checked_alloc(size_t bytes);
void *checked_realloc(void *memory, size_t bytes);

#endif
