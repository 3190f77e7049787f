import Support
import Testing

@Suite struct RelativePathTests {
    @Test(arguments: [
        ("prompts/a.md", "jobs/x.yaml", "../prompts/a.md"), ("a.md", "x.yaml", "a.md"),
        ("/srv/agent/prompts/a.md", "/srv/agent/jobs/x.yaml", "../prompts/a.md"),
        ("../prompts/a.md", "../jobs/x.yaml", "../prompts/a.md"), ("prompts/a.md", "prompts/x.yaml", "a.md"),
        ("../a.md", "x.yaml", "../a.md"), ("a.md", "../x.yaml", "a.md"), ("/srv/a.md", "x.yaml", "a.md"),
    ])
    func thePathIsToldFromTheFile(path: String, file: String, way: String) {
        #expect(path.relativePath(toFolderOf: file) == way)
    }
}
