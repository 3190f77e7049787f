// Calls of the C library that it declares for _GNU_SOURCE only, which Swift's Glibc module does not define.

/// Writes out all that a filesystem has in memory; an error is what failed since `descriptor` was opened.
int syncfs(int descriptor);

/// Renames as `renameat` does, with flags.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Makes `renameat2` fail with EEXIST where it would replace something.
static const unsigned int rename_noreplace = 1;
