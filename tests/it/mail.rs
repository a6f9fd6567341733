//! Messages about files, and mail to those who want it: against a small server on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use juncai::domain::registry::TalentClass;
use juncai::post::Post;
use juncai::service::mail::{self, Sent};
use juncai::service::notification;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::browser_like::Visitor;
use crate::on_both;
use crate::recognitions::offices;
use crate::world::World;

on_both! {
    a_returned_file_is_told_at_once_and_mailed_without_a_name => at_once;
    a_mail_that_is_not_taken_is_tried_again_and_given_up => retries;
    one_mail_a_day_holds_what_is_new => daily;
    what_is_due_is_told_once_to_those_it_waits_for => due;
}

/// A mail server that keeps what it takes, or takes nothing.
struct Server {
    address: String,
    taken: Arc<Mutex<Vec<String>>>,
    refuses: Arc<AtomicBool>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("smtp://{}", listener.local_addr().unwrap());
        let (taken, refuses) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let server = Self { address, taken: Arc::clone(&taken), refuses: Arc::clone(&refuses) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&taken), Arc::clone(&refuses)));
            }
        });
        server
    }

    fn post(&self) -> Post {
        Post::to(&self.address, "骏才 <juncai@example.cn>", "http://juncai.test/").unwrap()
    }

    async fn letters(&self) -> Vec<String> {
        self.taken.lock().await.clone()
    }
}

async fn talk(
    stream: TcpStream,
    taken: Arc<Mutex<Vec<String>>>,
    refuses: Arc<AtomicBool>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await?;
    let mut letter: Option<String> = None;
    while let Some(line) = lines.next_line().await? {
        if let Some(text) = &mut letter {
            if line == "." {
                taken.lock().await.push(letter.take().unwrap_or_default());
                write.write_all(b"250 taken\r\n").await?;
            } else {
                text.push_str(&line);
                text.push('\n');
            }
            continue;
        }
        let answer: &[u8] = match line.split([' ', ':']).next().unwrap_or_default() {
            "MAIL" if refuses.load(Ordering::SeqCst) => b"451 later\r\n",
            "DATA" => {
                letter = Some(String::new());
                b"354 go on\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// The text of a letter: what stands after its headers, decoded.
fn body(letter: &str) -> String {
    let (headers, body) = letter.split_once("\n\n").unwrap();
    assert!(headers.to_lowercase().contains("base64"), "{headers}");
    let packed: String = body.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn returned(
    world: World,
    rhythm: &str,
    server: &Server,
) -> (crate::recognitions::Offices, String) {
    let mut offices = offices(world).await;
    offices.town.world.app.post = server.post();
    let app = offices.town.world.app.clone();
    mail::prefer(&app, &offices.clerk, rhythm, "clerk@example.cn").await.unwrap();
    let no = offices.through_own_notice(1, TalentClass::C).await;
    for (who, act) in
        [(&offices.signatory, "file"), (&offices.county, "accept"), (&offices.county, "send_back")]
    {
        offices.act(who, &no, act).await.unwrap();
    }
    (offices, no)
}

async fn at_once(world: World) {
    let server = Server::start().await;
    let (offices, no) = returned(world, "each", &server).await;
    let app = &offices.town.world.app;
    let mut clerk = Visitor::signed_in(app, "clerk").await;
    let page = clerk.get("/notifications").await;
    assert!(
        page.text().contains("退回补正") && page.text().contains("1 条未读"),
        "{}",
        page.text()
    );
    let mut far = Visitor::signed_in(app, "fuzhou").await;
    assert!(!far.get("/notifications").await.body().contains(&no), "who had no hand in it");

    let sent = mail::send_due(app).await.unwrap();

    assert_eq!(sent, Sent { sent: 1, ..Sent::default() });
    let letters = server.letters().await;
    assert!(letters[0].contains("clerk@example.cn"));
    let text = body(&letters[0]);
    assert!(text.contains(&no) && text.contains("退回修改"), "{text}");
    assert!(text.contains(&format!("http://juncai.test/cases/{no}")), "{text}");
    assert!(!text.contains("工程师1") && !text.contains("E000001"), "no name, no number: {text}");
    assert_eq!(mail::send_due(app).await.unwrap(), Sent::default(), "once");
    let sealed = offices.town.texts("SELECT subject FROM mail_outbox").await.concat();
    assert!(!sealed.contains("example.cn"));

    // Read, it leads to the file; the account's page says what was wished.
    let action = page.attributes("form[action$='/read']", "action");
    let file = clerk.post(&action[0], &[]).await;
    assert!(file.text().contains("一次性补正清单"), "{}", file.text());
    assert!(clerk.get("/notifications?show=unread").await.text().contains("没有消息"));
    let account = clerk.get("/account").await;
    assert_eq!(account.attributes("input[name=address]", "value"), ["clerk@example.cn"]);
    let wrong = clerk.post("/account/mail", &[("rhythm", "each"), ("address", "a@b.cn,c@d.cn")]);
    assert!(wrong.await.text().contains("请填写一个邮箱地址"));
    clerk.get("/account").await;
    let off = clerk.post("/account/mail", &[("rhythm", "none"), ("address", "")]).await;
    assert!(off.text().contains("邮件提醒已保存"));
}

async fn retries(world: World) {
    let server = Server::start().await;
    server.refuses.store(true, Ordering::SeqCst);
    let (mut offices, _) = returned(world, "each", &server).await;
    let post = server.post();
    let later = Sent { put_off: 1, ..Sent::default() };
    assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap(), later);
    assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap(), Sent::default(), "not yet");
    for day in 10..14 {
        offices.town.at(&format!("2026-06-{day}T09:00:00+08:00"));
        assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap(), later, "{day}");
    }
    offices.town.at("2026-06-15T09:00:00+08:00");
    let over = mail::send_due(&offices.town.world.app).await.unwrap();
    assert_eq!(over, Sent { given_up: 1, ..Sent::default() });
    server.refuses.store(false, Ordering::SeqCst);
    offices.town.at("2026-06-16T09:00:00+08:00");
    assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap(), Sent::default());
    assert!(server.letters().await.is_empty());
    // Without a server nothing is written and nothing fails.
    offices.town.world.app.post = Post::default();
    assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap(), Sent::default());
    assert!(post.is_on() && !offices.town.world.app.post.is_on());
}

async fn daily(world: World) {
    let server = Server::start().await;
    let (mut offices, no) = returned(world, "daily", &server).await;
    offices.town.at("2026-06-10T07:00:00+08:00");
    assert_eq!(
        mail::send_due(&offices.town.world.app).await.unwrap(),
        Sent::default(),
        "too early"
    );
    offices.town.at("2026-06-10T08:30:00+08:00");
    let app = offices.town.world.app.clone();
    assert_eq!(mail::send_due(&app).await.unwrap().sent, 1);
    assert_eq!(mail::send_due(&app).await.unwrap().sent, 0, "one a day");
    let text = body(&server.letters().await[0]);
    assert!(text.contains("1 条新消息") && text.contains(&no), "{text}");
    assert!(!text.contains("工程师1"), "{text}");
    offices.town.at("2026-06-11T09:00:00+08:00");
    assert_eq!(mail::send_due(&offices.town.world.app).await.unwrap().sent, 0, "nothing new");
}

async fn due(world: World) {
    let server = Server::start().await;
    let mut offices = offices(world).await;
    offices.town.world.app.post = server.post();
    let no = offices.through_own_notice(1, TalentClass::C).await;
    offices.act(&offices.signatory, &no, "file").await.unwrap();
    // Filed on 9 June with ten working days: through 24 June, the 19th being a holiday.
    let app = offices.town.world.app.clone();
    assert_eq!(notification::remind_due(&app).await.unwrap(), 0);
    offices.town.at("2026-06-22T09:00:00+08:00");
    let app = offices.town.world.app.clone();
    let told = notification::remind_due(&app).await.unwrap();
    assert_eq!(told, 1, "the county, for whom it waits");
    assert_eq!(notification::remind_due(&app).await.unwrap(), 0, "once");
    let (_, messages) = notification::messages(&app, &offices.county, true, 0).await.unwrap();
    assert!(messages[0].told.title.contains("即将到期"), "{messages:?}");
    offices.town.at("2026-06-26T09:00:00+08:00");
    assert_eq!(notification::remind_due(&offices.town.world.app).await.unwrap(), 1);
    let unread = notification::unread(&offices.town.world.app, &offices.county).await.unwrap();
    assert_eq!(unread, 2, "due soon, then overdue");
    let city = notification::unread(&offices.town.world.app, &offices.city).await.unwrap();
    assert_eq!(city, 0);
}
