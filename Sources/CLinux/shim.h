// Calls of the C library that Swift's Glibc module does not have: those for _GNU_SOURCE only, and <malloc.h>.

#include <spawn.h>

/// Writes out all that a filesystem has in memory; an error is what failed since `descriptor` was opened.
int syncfs(int descriptor);

/// Renames as `renameat` does, with flags.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Makes a pipe as `pipe` does, with flags such as O_CLOEXEC.
int pipe2(int ends[2], int flags);

/// Closes every descriptor from `first` on in a program that `posix_spawn` starts.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// Sets how memory is given out; 0 when `what` cannot be set.
int mallopt(int what, int value);

/// For `mallopt`: from how many bytes on a block is taken from the system by itself, and given back when it is free.
static const int mallopt_mmap_threshold = -3;

/// Makes `renameat2` fail with EEXIST where it would replace something.
static const unsigned int rename_noreplace = 1;
