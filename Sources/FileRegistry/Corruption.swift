import Prompts

/// What is said of a registry whose files cannot be understood: which file it is, and what to do.
enum Corruption {
    private static let restore = "restore it from a backup, or move the prompt's folder out of the registry"

    static func meta(_ path: String, _ problem: String) -> RegistryError {
        RegistryError(.corrupt, "'\(path)' cannot be understood: \(problem)", hint: restore)
    }

    static func missing(_ path: String) -> RegistryError {
        RegistryError(.corrupt, "'\(path)' is missing", hint: restore)
    }

    static func notText(_ path: String) -> RegistryError {
        RegistryError(.corrupt, "'\(path)' is not UTF-8", hint: restore)
    }

    static func notAFile(_ path: String) -> RegistryError {
        RegistryError(.corrupt, "'\(path)' is not a file", hint: restore)
    }

    static func tooLarge(_ path: String) -> RegistryError {
        RegistryError(.corrupt, "'\(path)' has more than \(FileBuffer.limit >> 20) MiB", hint: restore)
    }

    static func alias(_ path: String, _ problem: String) -> RegistryError {
        RegistryError(
            .corrupt, "the alias '\(path)' \(problem)",
            hint: "remove that file, or write the number of an existing version into it")
    }
}
