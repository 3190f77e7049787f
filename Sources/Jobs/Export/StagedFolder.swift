import Glibc
import Support

/// Why files could not be written to a folder.
package struct StagingError: Error, Hashable, Sendable {
    /// The existing files or folders that are in the way, relative to the folder.
    package var obstacles: [String] = []
    /// Whether the obstacles are files, which may be replaced.
    package var isReplaceable = false
    /// What happened, as a sentence without its full stop.
    package var message: String
}

/// Files that are written to a temporary folder and moved into place together: all of them, or none.
///
/// No link below the folder is followed that leads out of it, also where somebody puts one there meanwhile.
package struct StagedFolder: Sendable {
    /// The folder that the files will be in, links resolved.
    package let target: String
    /// The temporary folder, links resolved.
    package let path: String
    private let home: ConfinedFolder
    private let stage: ConfinedFolder
    private let name: String

    private static let prefix = ".promptreg-import-"
    private static let replaced = "replaced"

    /// Creates a temporary folder in a folder, which is created if need be.
    ///
    /// - Parameter folder: The folder, as the user wrote it.
    /// - Throws: `StagingError`.
    package init(for folder: String) throws(StagingError) {
        try Self.makeFolder(folder)
        do throws(SystemFailure) {
            home = try .following(folder)
        } catch {
            throw StagingError(message: "cannot use the folder '\(folder)': \(error.reason)")
        }
        do throws(SystemFailure) {
            name = try home.makeTemporaryFolder(Self.prefix)
            stage = try home.folder(name)
        } catch {
            throw StagingError(message: "cannot create files in '\(folder)': \(error.reason)")
        }
        target = home.path ?? TextFile.resolved(folder) ?? folder
        path = "\(target)/\(name)"
    }

    /// Removes the temporary folder.
    package func discard() { home.removeTree(name) }

    /// Checks that files can be moved into place.
    ///
    /// - Parameters:
    ///   - paths: The files, relative to the folder.
    ///   - replacing: Whether existing files may be replaced.
    /// - Throws: `StagingError`.
    package func check(_ paths: [String], replacing: Bool) throws(StagingError) {
        for folder in Set(paths.map(FilePath.folder(of:))).sorted() {
            guard let link = FilePath.linkOut(to: folder + "/", in: target) else { continue }
            throw StagingError(message: "'\(link)' is a link out of '\(target)'")
        }
        var status = stat()
        let present = paths.filter { lstat("\(target)/\($0)", &status) == 0 }
        let folders = present.filter {
            lstat("\(target)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
        if !folders.isEmpty {
            throw StagingError(obstacles: folders, message: "folders have the names of files to write")
        }
        if !present.isEmpty, !replacing {
            throw StagingError(
                obstacles: present, isReplaceable: true, message: "files already exist")
        }
    }

    /// Writes a file to the temporary folder.
    ///
    /// - Parameters:
    ///   - text: Its text.
    ///   - relative: Its path, relative to the folder.
    /// - Throws: `StagingError`.
    package func write(_ text: String, to relative: String) throws(StagingError) {
        let descriptor: Int32
        do throws(SystemFailure) {
            let folder = try stage.folder(FilePath.folder(of: relative), makes: true)
            descriptor = try folder.open(
                FilePath.name(of: relative), O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
        } catch {
            throw StagingError(message: "cannot write '\(relative)': \(error.reason)")
        }
        defer { close(descriptor) }
        var text = text
        let failure: Int32? = text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno != EINTR { return errno }
                done += max(count, 0)
            }
            return nil
        }
        if let failure {
            throw StagingError(
                message: "cannot write '\(relative)': \(String(cString: strerror(failure)))")
        }
    }

    /// Removes a file from the temporary folder.
    ///
    /// - Parameter relative: Its path, relative to the folder.
    package func remove(_ relative: String) {
        try? stage.folder(FilePath.folder(of: relative)).remove(FilePath.name(of: relative))
    }

    /// Moves the files into place. If one cannot be moved, the others are moved back.
    ///
    /// - Parameter paths: The files in the order in which they are to appear, relative to the folder.
    /// - Throws: `StagingError`; the folder is as it was before.
    package func move(_ paths: [String]) throws(StagingError) {
        var undo: [() -> Void] = []
        func move(
            _ name: String, in folder: ConfinedFolder, to other: ConfinedFolder, as new: String
        ) throws(SystemFailure) {
            try folder.move(name, to: other, as: new)
            undo.append { try? other.move(new, to: folder, as: name) }
        }
        for (index, relative) in paths.enumerated() {
            let name = FilePath.name(of: relative)
            do throws(SystemFailure) {
                let replaced = try stage.folder(Self.replaced, makes: true)
                let source = try stage.folder(FilePath.folder(of: relative))
                let place = try home.folder(
                    Self.path(of: FilePath.folder(of: relative), in: target), makes: true)
                if place.has(name) { try move(name, in: place, to: replaced, as: "\(index)") }
                try move(name, in: source, to: place, as: name)
            } catch {
                for step in undo.reversed() { step() }
                throw StagingError(message: "cannot write '\(relative)': \(error.reason)")
            }
        }
    }

    /// The path of a folder without the links on it that lead to others below the same one; those out of it stay, and are
    /// not followed.
    private static func path(of relative: String, in target: String) -> String {
        var parts = relative.split(separator: "/")
        var rest: [Substring] = []
        while !parts.isEmpty {
            if let resolved = TextFile.resolved("\(target)/\(parts.joined(separator: "/"))") {
                guard FilePath.contains(target, resolved) else { break }
                return ([String(resolved.dropFirst(target.count))] + rest.map(String.init)).joined(
                    separator: "/")
            }
            rest.insert(parts.removeLast(), at: 0)
        }
        return relative
    }

    /// Creates a folder and its parents.
    private static func makeFolder(_ path: String) throws(StagingError) {
        if path.isEmpty || mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT {
            try makeFolder(FilePath.folder(of: path))
            if mkdir(path, 0o777) == 0 { return }
        }
        let failure = errno
        var status = stat()
        if failure == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw StagingError(
            message: "cannot create the folder '\(path)': \(String(cString: strerror(failure)))")
    }
}
