// Calls of the C library that Swift's Glibc module does not have: those for _GNU_SOURCE only, and <malloc.h>.

/// Writes out all that a filesystem has in memory; an error is what failed since `descriptor` was opened.
int syncfs(int descriptor);

/// Renames as `renameat` does, with flags.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Sets how memory is given out; 0 when `what` cannot be set.
int mallopt(int what, int value);

/// For `mallopt`: from how many bytes on a block is taken from the system by itself, and given back when it is free.
static const int mallopt_mmap_threshold = -3;

/// Makes `renameat2` fail with EEXIST where it would replace something.
static const unsigned int rename_noreplace = 1;
