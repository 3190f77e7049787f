import Glibc
import Prompts

/// A call to the system that failed: where `errno` becomes an error that says what to do.
struct SystemFailure {
    /// What was tried, as in "cannot *write* it".
    let attempt: FileSystem.Attempt
    let path: String
    let errno: Int32

    var error: RegistryError {
        RegistryError(code, "cannot \(attempt.rawValue) '\(path)': \(reason)", hint: hint)
    }

    private var reason: String { String(cString: strerror(errno)) }

    private var code: RegistryError.Code {
        switch errno {
        case EACCES, EPERM, EROFS: .permissionDenied
        case ENOSPC, EDQUOT, EFBIG: .storageFull
        // What is expected to be missing or taken is no failure: this came from somebody else meanwhile.
        case ENOENT, EEXIST, ENOTEMPTY, ESTALE: .conflict
        case ENOTDIR, EISDIR, ELOOP: .corrupt
        case ENAMETOOLONG: .notARegistry
        case EINVAL, EILSEQ: .invalidValue
        default: .failed
        }
    }

    private var hint: String? {
        switch errno {
        case EACCES, EPERM: "check who owns it and what its permissions are"
        case EROFS: "its filesystem is mounted read-only"
        case ENOSPC, EFBIG: "make room, then run again: nothing was left half written"
        case EDQUOT: "the disk quota is used up; make room, then run again: nothing was left half written"
        case ENOENT, EEXIST, ENOTEMPTY, ESTALE: "something else changed the registry meanwhile; run again"
        case ENOTDIR: "a part of that path is a file where a folder should be"
        case ENAMETOOLONG: "take a registry with a shorter path"
        case EXDEV: "it is on another filesystem than the registry's own folder"
        case EMFILE, ENFILE: "too many files are open; see ulimit -n"
        default: nil
        }
    }
}
