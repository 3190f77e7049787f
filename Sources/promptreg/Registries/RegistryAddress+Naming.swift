import FoundationEssentials
import Prompts

extension RegistryAddress {
    /// The address as a file names it: a registry's folder by its way from there where both lie in the current folder,
    /// so that they can be moved together.
    ///
    /// - Parameter folder: The folder of the file.
    /// - Returns: The address.
    func named(in folder: String) -> String {
        switch self {
        case .file(let path):
            let fileFolder = URL(filePath: folder).resolvingSymlinksInPath().path
            let current = URL(filePath: ProcessEnvironment.currentFolder).resolvingSymlinksInPath().path
            let isPortable = [path, fileFolder].allSatisfy { $0 == current || $0.hasPrefix(current + "/") }
            guard isPortable else { return description }
            let (from, to) = (fileFolder.split(separator: "/"), path.split(separator: "/"))
            let shared = zip(from, to).prefix { $0 == $1 }.count
            let steps = Array(repeating: "..", count: from.count - shared) + to[shared...].map(String.init)
            let way = steps.joined(separator: "/")
            // A '~' at the front would be taken for somebody's home.
            return RegistryAddress.file(path: (way.hasPrefix("~") || way.isEmpty ? "./" : "") + way)
                .description
        case .server(let url):
            let scheme = url.prefix { $0 != ":" }
            return scheme.lowercased() + url[scheme.endIndex...]
        case .unityCatalog: return description
        }
    }
}
