import Glibc
import Prompts

extension RegistryError {
    /// A file of the registry that cannot be used, as it "is missing", for example.
    static func corrupt(_ path: String, _ problem: String) -> RegistryError {
        RegistryError(
            .corrupt, "'\(path)' \(problem)",
            hint: "restore it from a backup, or move the prompt's folder out of the registry")
    }

    /// A system call that failed.
    init(_ attempt: FileSystem.Attempt, _ path: String, errno: Int32) {
        let reason = String(cString: strerror(errno))
        self.init(
            Self.code(of: errno), "cannot \(attempt.rawValue) '\(path)': \(reason)",
            hint: Self.hint(for: errno))
    }

    private static func code(of errno: Int32) -> Code {
        switch errno {
        case EACCES, EPERM, EROFS: .permissionDenied
        case ENOSPC, EDQUOT, EFBIG: .storageFull
        // Where these are expected they are no failure: here another process changed the registry.
        case ENOENT, EEXIST, ENOTEMPTY, ESTALE: .conflict
        case ENOTDIR, EISDIR, ELOOP: .corrupt
        case ENAMETOOLONG: .notARegistry
        case EINVAL, EILSEQ: .invalidValue
        default: .failed
        }
    }

    private static func hint(for errno: Int32) -> String? {
        switch errno {
        case EACCES, EPERM: "check its owner and permissions"
        case EROFS: "its filesystem is mounted read-only"
        case ENOSPC, EFBIG: "free some space and run again; no partial writes were left behind"
        case EDQUOT:
            "the disk quota is used up: free some space and run again; no partial writes were left behind"
        case ENOENT, EEXIST, ENOTEMPTY, ESTALE: "another process changed the registry; run again"
        case ENOTDIR: "a part of that path is a file, not a folder"
        case ENAMETOOLONG: "use a registry with a shorter path"
        case EXDEV: "it is on another filesystem than the registry's folder"
        case EMFILE, ENFILE: "too many files are open; see ulimit -n"
        default: nil
        }
    }

    /// Whether a prompt was removed or damaged by something else. Those who read the prompt are told; a run that has
    /// only cleanup left to do for it is not.
    var isAboutDamagedPrompt: Bool { code == .notFound || code == .corrupt }
}
