import ClientAPI

@main struct M { static func main() {} }
