// A command on Rust's std. The first argument names what is done:
//   hello                   arguments, a variable, standard input, a wait; ends with 7
//   files DIR               files, links and directories in DIR, and errors of each kind
//   echo N                  listen, print the port, and send N connections back what they send
//   client HOST PORT BYTES  send that many bytes, half-close, and read them back meanwhile
//   many HOST PORT N        N connections at once, in one poll
//   udp                     two sockets that send to each other
//   lookup NAME             the addresses of a name
//   redis HOST PORT         commands to a Redis server, in its protocol
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, process};

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().collect();
    let arg = |index: usize| args.get(index).map_or("", String::as_str);
    let number = |index: usize| arg(index).parse::<usize>().expect("a number");
    match arg(1) {
        "hello" => hello(&args[2..]),
        "files" => files(Path::new(arg(2))),
        "echo" => echo(number(2)),
        "client" => client(arg(2), number(3) as u16, number(4)),
        "many" => many(arg(2), number(3) as u16, number(4)),
        "udp" => udp(),
        "lookup" => lookup(arg(2)),
        "redis" => redis(arg(2), number(3) as u16),
        other => panic!("unknown command {other:?}"),
    }
}

fn hello(args: &[String]) -> io::Result<()> {
    println!("hello {} {} {}", args.join(","), env::var("NAME").expect("a variable"), env::var("NONE").is_err());
    for line in io::stdin().lock().lines() {
        println!("line: {}", line?);
    }
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(20));
    eprintln!("to standard error");
    process::exit(7);
}

fn shown<T: std::fmt::Display>(what: &str, result: io::Result<T>) {
    match result {
        Ok(value) => println!("{what}: {value}"),
        Err(error) => println!("{what}: errno {}", error.raw_os_error().unwrap_or(0)),
    }
}

fn names(dir: &Path) -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.push(entry?.file_name().into_string().expect("UTF-8"));
    }
    names.sort();
    Ok(names.join(" "))
}

fn files(dir: &Path) -> io::Result<()> {
    let file = dir.join("file");
    let mut open = File::options().read(true).write(true).create_new(true).open(&file)?;
    open.write_all(&vec![b'x'; 200_000])?;
    shown("position", open.stream_position());
    open.seek(SeekFrom::Start(10))?;
    open.write_all(b"ten")?;
    open.set_len(100_000)?;
    open.sync_all()?;
    drop(open);
    OpenOptions::new().append(true).open(&file)?.write_all(b"end")?;
    let content = fs::read(&file)?;
    let text = |from: usize, to: usize| String::from_utf8_lossy(&content[from..to]).into_owned();
    println!("content: {} {} {}", content.len(), text(8, 14), text(99_998, 100_003));
    let metadata = fs::metadata(&file)?;
    println!("metadata: {} {}", metadata.len(), metadata.is_file());
    println!("modified: {}", metadata.modified()?.elapsed().is_ok_and(|age| age < Duration::from_secs(600)));
    fs::create_dir_all(dir.join("a/b/c"))?;
    fs::hard_link(&file, dir.join("hard"))?;
    fs::rename(dir.join("hard"), dir.join("a/renamed"))?;
    shown("names", names(dir));
    shown("names of a", names(&dir.join("a")));
    shown("create again", File::create_new(&file).map(|_| "made"));
    shown("open of nothing", File::open(dir.join("nothing")).map(|_| "opened"));
    shown("read of a directory", fs::read(dir.join("a")).map(|_| "read"));
    shown("list of a file", names(&file));
    shown("below a file", File::open(file.join("x")).map(|_| "opened"));
    shown("remove a full directory", fs::remove_dir(dir.join("a")).map(|_| "removed"));
    shown("remove a directory as a file", fs::remove_file(dir.join("a/b")).map(|_| "removed"));
    shown("out of the directory", fs::read(dir.join("../../etc/passwd")).map(|_| "read"));
    shown("rename to a directory", fs::rename(&file, dir.join("a")).map(|_| "renamed"));
    fs::remove_dir_all(dir.join("a"))?;
    fs::remove_file(&file)?;
    shown("names", names(dir));
    Ok(())
}

fn echo(count: usize) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for _ in 0..count {
        let (connection, peer) = listener.accept()?;
        assert!(peer.ip().is_loopback());
        let total = io::copy(&mut &connection, &mut &connection)?;
        connection.shutdown(Shutdown::Write)?;
        println!("echoed {total}");
    }
    Ok(())
}

#[repr(C)]
struct PollFd {
    fd: i32,
    events: i16,
    revents: i16,
}

const POLLIN: i16 = 1;
const POLLOUT: i16 = 2;

extern "C" {
    fn poll(entries: *mut PollFd, count: usize, timeout: i32) -> i32;
}

fn wait(entries: &mut [PollFd]) -> io::Result<()> {
    // SAFETY: the entries are as many as it is told, and laid out as the libc has them.
    let ready = unsafe { poll(entries.as_mut_ptr(), entries.len(), -1) };
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn unless_blocked(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

fn byte_at(at: usize) -> u8 {
    (at * 31 + (at >> 16)) as u8
}

fn client(host: &str, port: u16, total: usize) -> io::Result<()> {
    let mut connection = TcpStream::connect((host, port))?;
    connection.set_nonblocking(true)?;
    let (mut sent, mut received) = (0, 0);
    let mut buffer = vec![0; 65_536];
    if total == 0 {
        connection.shutdown(Shutdown::Write)?;
    }
    loop {
        let events = if sent < total { POLLIN | POLLOUT } else { POLLIN };
        let mut entry = [PollFd { fd: connection.as_raw_fd(), events, revents: 0 }];
        wait(&mut entry)?;
        if sent < total && entry[0].revents & POLLOUT != 0 {
            let piece: Vec<u8> = (sent..total.min(sent + buffer.len())).map(byte_at).collect();
            if let Some(count) = unless_blocked(connection.write(&piece))? {
                sent += count;
                if sent == total {
                    connection.shutdown(Shutdown::Write)?;
                }
            }
        }
        if let Some(count) = unless_blocked(connection.read(&mut buffer))? {
            if count == 0 {
                break;
            }
            assert!((0..count).all(|i| buffer[i] == byte_at(received + i)), "wrong byte after {received}");
            received += count;
        }
    }
    println!("sent {sent}, received {received}");
    Ok(())
}

fn many(host: &str, port: u16, count: usize) -> io::Result<()> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = TcpStream::connect((host, port))?;
        connection.write_all(b"hello")?;
        connection.shutdown(Shutdown::Write)?;
        connection.set_nonblocking(true)?;
        connections.push(connection);
    }
    let (mut received, mut buffer) = (0, [0; 64]);
    while !connections.is_empty() {
        let mut entries: Vec<PollFd> = connections
            .iter()
            .map(|connection| PollFd { fd: connection.as_raw_fd(), events: POLLIN, revents: 0 })
            .collect();
        wait(&mut entries)?;
        let mut open = Vec::new();
        for (mut connection, entry) in connections.into_iter().zip(entries) {
            let count = if entry.revents == 0 { None } else { unless_blocked(connection.read(&mut buffer))? };
            received += count.unwrap_or(0);
            if count != Some(0) {
                open.push(connection);
            }
        }
        connections = open;
    }
    println!("connected {count}, received {received}");
    Ok(())
}

fn udp() -> io::Result<()> {
    let (one, other) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    other.set_nonblocking(true)?;
    let mut buffer = vec![0; 65_536];
    shown("empty", other.recv(&mut buffer));
    other.set_nonblocking(false)?;
    shown("send_to", one.send_to(b"datagram", other.local_addr()?));
    let (length, from) = other.recv_from(&mut buffer)?;
    println!("received: {} {}", String::from_utf8_lossy(&buffer[..length]), from == one.local_addr()?);
    other.connect(one.local_addr()?)?;
    shown("send", other.send(b"to the peer"));
    shown("received", one.recv(&mut buffer));
    shown("large", other.send(&buffer[..60_000]));
    shown("received", one.recv(&mut buffer));
    Ok(())
}

fn lookup(name: &str) -> io::Result<()> {
    match (name, 80).to_socket_addrs() {
        Ok(found) => {
            let mut found: Vec<String> = found.map(|address| address.to_string()).collect();
            found.sort();
            found.dedup();
            println!("{}", found.join(" "));
        }
        Err(_) => println!("not found"),
    }
    Ok(())
}

struct Redis {
    reader: BufReader<TcpStream>,
}

impl Redis {
    fn send(&mut self, words: &[&[u8]]) -> io::Result<()> {
        let mut message = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            message.extend(format!("${}\r\n", word.len()).into_bytes());
            message.extend_from_slice(word);
            message.extend(b"\r\n");
        }
        self.reader.get_mut().write_all(&message)
    }

    /// A reply as text: lists in brackets, other kinds as they are sent.
    fn reply(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let line = line.trim_end();
        let number = || line[1..].parse::<i64>().expect("a number");
        Ok(match &line[..1] {
            "$" if number() >= 0 => {
                let mut bytes = vec![0; number() as usize + 2];
                self.reader.read_exact(&mut bytes)?;
                String::from_utf8_lossy(&bytes[..bytes.len() - 2]).into_owned()
            }
            "*" => {
                let replies: Vec<String> = (0..number()).map(|_| self.reply()).collect::<io::Result<_>>()?;
                format!("[{}]", replies.join(", "))
            }
            _ => line.to_owned(),
        })
    }

    fn call(&mut self, words: &[&str]) -> io::Result<String> {
        let bytes: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.send(&bytes)?;
        self.reply()
    }
}

const PIPELINED: usize = 1000;
const LARGE: usize = 1 << 20;

fn redis(host: &str, port: u16) -> io::Result<()> {
    let mut redis = Redis { reader: BufReader::new(TcpStream::connect((host, port))?) };
    println!("{}", redis.call(&["PING"])?);
    println!("{}", redis.call(&["SET", "key", "value"])?);
    println!("{}", redis.call(&["INCR", "key"])?);
    println!("{}", redis.call(&["GET", "none"])?);
    println!("{}", redis.call(&["RPUSH", "list", "a", "", "c"])?);
    println!("{}", redis.call(&["LRANGE", "list", "0", "-1"])?);
    let large: Vec<u8> = (0..LARGE).map(|at| b'a' + byte_at(at) % 26).collect();
    redis.send(&[b"SET", b"large", &large])?;
    println!("{}", redis.reply()?);
    println!("large: {}", redis.call(&["GET", "large"])?.into_bytes() == large);
    for _ in 0..PIPELINED {
        redis.send(&[b"INCR", b"counter"])?;
    }
    for _ in 1..PIPELINED {
        redis.reply()?;
    }
    println!("pipelined: {}", redis.reply()?);
    let mut publisher = Redis { reader: BufReader::new(TcpStream::connect((host, port))?) };
    println!("{}", redis.call(&["SUBSCRIBE", "news"])?);
    println!("{}", publisher.call(&["PUBLISH", "news", "hello"])?);
    println!("{}", redis.reply()?);
    println!("{}", publisher.call(&["QUIT"])?);
    Ok(())
}
