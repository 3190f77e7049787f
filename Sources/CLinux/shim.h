// Calls of the C library that Swift's Glibc module does not have: those for _GNU_SOURCE only, and <malloc.h>.

#include <errno.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// Writes out all that a filesystem has in memory; an error is what failed since `descriptor` was opened.
int syncfs(int descriptor);

/// Renames as `renameat` does, with flags.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Makes a pipe as `pipe` does, with flags such as O_CLOEXEC.
int pipe2(int ends[2], int flags);

/// Closes every descriptor from `first` on in a program that `posix_spawn` starts.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// Changes the current folder of a program that `posix_spawn` starts, before it begins.
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

/// Sets how memory is given out; 0 when `what` cannot be set.
int mallopt(int what, int value);

/// For `mallopt`: from how many bytes on a block is taken from the system by itself, and given back when it is free.
static const int mallopt_mmap_threshold = -3;

/// For `mallopt`: how many bytes more than are needed are taken from the system at once, and kept.
static const int mallopt_top_pad = -2;

/// Makes `renameat2` fail with EEXIST where it would replace something.
static const unsigned int rename_noreplace = 1;

/// For `open`: names a file without opening it.
static const int open_path_only = 010000000;

/// Opens what is below a folder, as `openat` does, but follows no symbolic link: ELOOP. Linux has it since 5.6, and some
/// containers forbid it: ENOSYS or EPERM.
static inline int open_without_links(int folder, const char *path, int flags, unsigned int mode) {
    // struct open_how of <linux/openat2.h>, with RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS and RESOLVE_BENEATH.
    struct { unsigned long long flags, mode, resolve; } how = {(unsigned int)flags, mode, 0x04 | 0x02 | 0x08};
    return (int)syscall(437, folder, path, &how, sizeof how);
}

/// Whether an open file is one of /proc or /sys, wherever these are mounted: what the kernel tells, and nothing that was
/// stored.
static inline int is_told_by_kernel(int descriptor) {
    // PROC_SUPER_MAGIC and SYSFS_MAGIC of <linux/magic.h>.
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 && (status.f_type == 0x9fa0 || status.f_type == 0x62656572);
}
