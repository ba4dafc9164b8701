/* Records, in their order, every change that a process makes under one directory, with its data,
 * and every sync that makes some of it durable; and makes chosen calls fail.
 *
 *   cc -shared -fPIC -O1 -o recorder.so recorder.c -ldl -lpthread
 *   RECORDER_ROOT=/path RECORDER_OUT=/elsewhere/history LD_PRELOAD=recorder.so program
 *
 * Each record: op (1 byte), 7 bytes of 0, inode, offset or size, length of the data (8 bytes each),
 * lengths of two paths (4 bytes each), the paths, the data; numbers in the machine's order. A call
 * and its record are made under one lock: the order of the records is that of the calls.
 *
 *   RECORDER_FAIL=<write|sync|open>:<part of a path>:<n>:<EIO|ENOSPC|EROFS|EACCES|short>[+]
 *
 * makes the nth such call on such a path fail (with +: from then on); `short` writes one half.
 *
 * sync_file_range is recorded, but it makes nothing durable. mmap is not seen: the reader of the
 * history compares its replay with the disk, so that nothing goes unseen in silence. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, RENAME, UNLINK, MKDIR, RMDIR, SYNC, SYNC_RANGE };

struct header {
    uint8_t op, zero[7];
    uint64_t inode, offset, length;
    uint32_t path, other;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int out = -1;
static char root[PATH_MAX];
static char fail_op[16], fail_path[256], fail_how[16];
static long fail_at, fail_seen;
static int fail_on;

#define REAL(type, name, ...)                                      \
    static type (*real)(__VA_ARGS__);                              \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static ssize_t plain_write(int fd, const void *data, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    return real(fd, data, length);
}

static int plain_open(const char *path, int flags, mode_t mode) {
    REAL(int, open, const char *, int, mode_t);
    return real(path, flags, mode);
}

__attribute__((constructor)) static void begin(void) {
    const char *told = getenv("RECORDER_ROOT"), *to = getenv("RECORDER_OUT");
    const char *fail = getenv("RECORDER_FAIL");
    if (told) snprintf(root, sizeof root, "%s", told);
    if (to) out = plain_open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fail && sscanf(fail, "%15[^:]:%255[^:]:%ld:%15s", fail_op, fail_path, &fail_at, fail_how) == 4) {
        char *plus = strchr(fail_how, '+');
        fail_on = plus ? 2 : 1;
        if (plus) *plus = 0;
    }
}

static int below_root(const char *path) {
    size_t length = strlen(root);
    return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

/* The whole path of what is named from a directory; whether it is ours. */
static int named(int directory, const char *path, char *whole) {
    char from[PATH_MAX] = "", link[64];
    if (path[0] == '/') {
        snprintf(whole, PATH_MAX, "%s", path);
    } else {
        ssize_t length;
        if (directory == AT_FDCWD) {
            if (!getcwd(from, sizeof from)) return 0;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
            if ((length = readlink(link, from, sizeof from - 1)) < 0) return 0;
            from[length] = 0;
        }
        if (snprintf(whole, PATH_MAX, "%s/%s", from, path) >= PATH_MAX) return 0;
    }
    size_t end = strlen(whole);
    while (end > 1 && whole[end - 1] == '/') whole[--end] = 0;
    return below_root(whole);
}

static int opened(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below_root(path);
}

static void emit(int op, uint64_t inode, uint64_t offset, const void *data, uint64_t length,
                 const char *path, const char *other) {
    if (out < 0) return;
    struct header header = {.op = op, .inode = inode, .offset = offset, .length = length,
                            .path = strlen(path), .other = strlen(other)};
    plain_write(out, &header, sizeof header);
    plain_write(out, path, header.path);
    plain_write(out, other, header.other);
    const char *rest = data;
    while (length) {
        ssize_t written = plain_write(out, rest, length);
        if (written <= 0) abort();
        rest += written;
        length -= written;
    }
}

/* Whether this call is to fail: 0, an error number, or -1 for a short write. */
static int failing(const char *op, const char *path) {
    if (!fail_on || strcmp(op, fail_op) || !strstr(path + strlen(root), fail_path)) return 0;
    fail_seen++;
    if (fail_on == 2 ? fail_seen < fail_at : fail_seen != fail_at) return 0;
    if (!strcmp(fail_how, "short")) return -1;
    if (!strcmp(fail_how, "ENOSPC")) return ENOSPC;
    if (!strcmp(fail_how, "EROFS")) return EROFS;
    if (!strcmp(fail_how, "EACCES")) return EACCES;
    return EIO;
}

static uint64_t inode_of(int fd) {
    struct stat is;
    return fstat(fd, &is) ? 0 : is.st_ino;
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    REAL(int, openat, int, const char *, int, ...);
    char whole[PATH_MAX];
    if (!(flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) || !named(directory, path, whole))
        return real(directory, path, flags, mode);
    pthread_mutex_lock(&lock);
    int error = failing("open", whole), fd = -1;
    if (error > 0) {
        errno = error;
    } else {
        struct stat before;
        int existed = !stat(whole, &before);
        fd = real(directory, path, flags, mode);
        int kept = errno;
        if (fd >= 0 && !existed) emit(CREATE, inode_of(fd), 0, "", 0, whole, "");
        if (fd >= 0 && existed && (flags & O_TRUNC) && before.st_size)
            emit(TRUNCATE, before.st_ino, 0, "", 0, whole, "");
        errno = kept;
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags)                                        \
    mode_t mode = 0;                                       \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                 \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode = va_arg(rest, mode_t);                       \
        va_end(rest);                                      \
    }

int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int creat(const char *path, mode_t mode) {
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* All writes end here; offset -1 is "where the file stands". */
static ssize_t write_at(int fd, const void *data, size_t length, off_t offset) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    char path[PATH_MAX];
    if (!opened(fd, path)) return offset < 0 ? plain_write(fd, data, length) : real(fd, data, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t written = -1;
    int error = failing("write", path);
    if (error > 0) {
        errno = error;
    } else {
        if (error < 0 && length > 1) length /= 2;
        off_t place = offset;
        struct stat is;
        if (fcntl(fd, F_GETFL) & O_APPEND && !fstat(fd, &is)) place = is.st_size;
        else if (offset < 0) place = lseek(fd, 0, SEEK_CUR);
        written = offset < 0 ? plain_write(fd, data, length) : real(fd, data, length, offset);
        int kept = errno;
        if (written > 0) emit(WRITE, inode_of(fd), place, data, written, path, "");
        errno = kept;
    }
    pthread_mutex_unlock(&lock);
    return written;
}

static ssize_t write_all_of(int fd, const struct iovec *parts, int count, off_t offset) {
    /* As one write: that fewer calls are seen than were made changes nothing. */
    size_t length = 0, at = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    char *joined = malloc(length ? length : 1);
    if (!joined) { errno = ENOMEM; return -1; }
    for (int i = 0; i < count; at += parts[i++].iov_len) memcpy(joined + at, parts[i].iov_base, parts[i].iov_len);
    ssize_t written = write_at(fd, joined, length, offset);
    int kept = errno;
    free(joined);
    errno = kept;
    return written;
}

ssize_t write(int fd, const void *data, size_t length) { return write_at(fd, data, length, -1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return write_at(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return write_at(fd, data, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_all_of(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return write_all_of(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return write_all_of(fd, parts, count, at); }

static int truncate_to(int fd, off_t size) {
    REAL(int, ftruncate, int, off_t);
    char path[PATH_MAX];
    if (!opened(fd, path)) return real(fd, size);
    pthread_mutex_lock(&lock);
    int done = real(fd, size), kept = errno;
    if (!done) emit(TRUNCATE, inode_of(fd), size, "", 0, path, "");
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size) { return truncate_to(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncate_to(fd, size); }

/* Ways of writing that are not recorded are refused: their callers have another. */
int fallocate(int fd, int mode, off_t at, off_t length) {
    REAL(int, fallocate, int, int, off_t, off_t);
    char path[PATH_MAX];
    if (!opened(fd, path)) return real(fd, mode, at, length);
    errno = EOPNOTSUPP;
    return -1;
}
int fallocate64(int fd, int mode, off64_t at, off64_t length) { return fallocate(fd, mode, at, length); }
ssize_t copy_file_range(int in, off64_t *from, int to, off64_t *at, size_t length, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    char path[PATH_MAX];
    if (!opened(to, path)) return real(in, from, to, at, length, flags);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile64(int to, int in, off64_t *from, size_t length) {
    REAL(ssize_t, sendfile64, int, int, off64_t *, size_t);
    char path[PATH_MAX];
    if (!opened(to, path)) return real(to, in, from, length);
    errno = ENOSYS;
    return -1;
}

static int rename_at(int from, const char *old, int to, const char *new) {
    REAL(int, renameat, int, const char *, int, const char *);
    char one[PATH_MAX], other[PATH_MAX];
    int ours = named(from, old, one) | named(to, new, other);
    if (!ours) return real(from, old, to, new);
    pthread_mutex_lock(&lock);
    int done = real(from, old, to, new), kept = errno;
    if (!done) emit(RENAME, 0, 0, "", 0, one, other);
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *old, const char *new) { return rename_at(AT_FDCWD, old, AT_FDCWD, new); }
int renameat(int from, const char *old, int to, const char *new) { return rename_at(from, old, to, new); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    if (flags) { errno = EINVAL; return -1; }
    return rename_at(from, old, to, new);
}

static int unlink_at(int at, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    char whole[PATH_MAX];
    if (!named(at, path, whole)) return real(at, path, flags);
    pthread_mutex_lock(&lock);
    int done = real(at, path, flags), kept = errno;
    if (!done) emit(flags & AT_REMOVEDIR ? RMDIR : UNLINK, 0, 0, "", 0, whole, "");
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path) { return unlink_at(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlink_at(at, path, flags); }
int rmdir(const char *path) { return unlink_at(AT_FDCWD, path, AT_REMOVEDIR); }

static int mkdir_at(int at, const char *path, mode_t mode) {
    REAL(int, mkdirat, int, const char *, mode_t);
    char whole[PATH_MAX];
    if (!named(at, path, whole)) return real(at, path, mode);
    pthread_mutex_lock(&lock);
    int done = real(at, path, mode), kept = errno;
    struct stat is;
    if (!done && !stat(whole, &is)) emit(MKDIR, is.st_ino, 0, "", 0, whole, "");
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdir_at(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return mkdir_at(at, path, mode); }

static int synced(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    if (!opened(fd, path)) return real(fd);
    pthread_mutex_lock(&lock);
    int error = failing("sync", path), done = -1;
    if (error > 0) {
        errno = error;
    } else {
        done = real(fd);
        int kept = errno;
        if (!done) emit(SYNC, inode_of(fd), 0, "", 0, path, "");
        errno = kept;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { REAL(int, fsync, int); return synced(fd, real); }
int fdatasync(int fd) { REAL(int, fdatasync, int); return synced(fd, real); }
int sync_file_range(int fd, off64_t at, off64_t length, unsigned flags) {
    REAL(int, sync_file_range, int, off64_t, off64_t, unsigned);
    char path[PATH_MAX];
    int ours = opened(fd, path);
    pthread_mutex_lock(&lock);
    int done = real(fd, at, length, flags), kept = errno;
    if (ours && !done) emit(SYNC_RANGE, inode_of(fd), at, "", 0, path, "");
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}
