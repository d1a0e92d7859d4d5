//! Where requests may go. A definition names addresses, and whoever deploys one must not thereby reach the machines that
//! only this server can: loopback, private and link-local networks are refused unless the administrator allows them. What
//! is looked at is the address that is connected to, after the name was resolved, so no name can be turned meanwhile.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Which hosts may be asked besides those of the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    allowed: Vec<Allowed>,
}

/// A host or network that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    /// A host by its name, whatever its address.
    Host(String),
    /// Every address whose first bits are those of this one.
    Network { address: IpAddr, bits: u8 },
}

/// A text names neither a host nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither a host nor a network such as 10.1.0.0/16")]
pub struct NotAllowable(String);

impl FromStr for Fence {
    type Err = NotAllowable;

    /// Reads hosts and networks with commas between them: `intranet.example, 10.1.0.0/16`.
    fn from_str(text: &str) -> Result<Fence, NotAllowable> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Fence { allowed: words.map(Allowed::read).collect::<Result<_, _>>()? })
    }
}

impl Allowed {
    fn read(word: &str) -> Result<Allowed, NotAllowable> {
        let wrong = || NotAllowable(word.to_owned());
        if let Some((address, bits)) = word.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits: u8 = bits.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return if bits <= most { Ok(Allowed::Network { address, bits }) } else { Err(wrong()) };
        }
        if let Ok(address) = word.parse::<IpAddr>() {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            return Ok(Allowed::Network { address, bits });
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
        if word.chars().all(plain) { Ok(Allowed::Host(word.to_ascii_lowercase())) } else { Err(wrong()) }
    }

    fn holds(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Allowed::Host(name) => host.eq_ignore_ascii_case(name),
            Allowed::Network { address: network, bits } => match (network, address) {
                (IpAddr::V4(network), IpAddr::V4(address)) => {
                    let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                    network.to_bits() & mask == address.to_bits() & mask
                }
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                    network.to_bits() & mask == address.to_bits() & mask
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
            },
        }
    }
}

impl Fence {
    /// Whether a host may be asked at an address.
    pub fn lets(&self, host: &str, address: IpAddr) -> bool {
        // An address of the old kind in the clothes of the new one is what it is.
        let address = address.to_canonical();
        is_of_the_internet(address) || self.allowed.iter().any(|allowed| allowed.holds(host, address))
    }
}

/// Whether an address is one that everybody on the internet reaches alike (RFC 6890 lists those that are not).
fn is_of_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public(address),
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            let embedded = embedded(address);
            // Only 2000::/3 is given out; 2001:db8::/32 is for texts such as this one.
            first & 0xe000 == 0x2000 && !address.to_string().starts_with("2001:db8:") && embedded.is_none_or(is_public)
        }
    }
}

/// The address of the old kind that some tunnels hide in one of the new kind: 6to4 (2002::/16) and Teredo
/// (2001::/32).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match parts {
        [0x2002, high, low, ..] => Some(of(high, low)),
        [0x2001, 0, .., high, low] => Some(of(!high, !low)),
        _ => None,
    }
}

fn is_public(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let kept = match (first, second, third) {
        // This network, carriers' networks, protocol assignments, benchmarks, future use.
        (0 | 240..=255, _, _) | (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _) => true,
        _ => false,
    };
    !(kept
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Resolves names as ever, and lets nothing through that the fence does not.
pub(crate) struct Fenced {
    pub(crate) fence: Fence,
    pub(crate) inner: DefaultResolver,
}

impl fmt::Debug for Fenced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fenced").field("fence", &self.fence).finish_non_exhaustive()
    }
}

impl Resolver for Fenced {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut through = self.empty();
        for address in found.iter().filter(|address| self.fence.lets(host, address.ip())) {
            through.push(*address);
        }
        if through.is_empty() { Err(ureq::Error::Other(Box::new(Refused(host.to_owned())))) } else { Ok(through) }
    }
}

/// The host lies in a network that is not allowed.
#[derive(Debug, thiserror::Error)]
#[error("{0} lies in a private network, which the administrator has not allowed")]
struct Refused(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn lets(fence: &Fence, host: &str, address: &str) -> bool {
        fence.lets(host, address.parse().expect("it is an address"))
    }

    #[test]
    fn only_addresses_of_the_internet_are_let_through() {
        let fence = Fence::default();
        for public in ["1.1.1.1", "203.0.114.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:101:101::1"] {
            assert!(lets(&fence, "example.org", public), "{public}");
        }
        for kept in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001:0:1:2:3:4:80ff:fffe",
            "2001:db8::1",
        ] {
            assert!(!lets(&fence, "example.org", kept), "{kept}");
        }
    }

    #[test]
    fn an_administrator_allows_hosts_and_networks_and_no_more() {
        let fence: Fence = "intranet.example, 10.1.0.0/16,127.0.0.1 , fd00::/8".parse().expect("it reads");
        assert!(lets(&fence, "anything", "10.1.255.1") && !lets(&fence, "anything", "10.2.0.1"));
        assert!(lets(&fence, "localhost", "127.0.0.1") && !lets(&fence, "localhost", "127.0.0.2"));
        assert!(lets(&fence, "Intranet.Example", "192.168.3.4") && !lets(&fence, "x.intranet.example", "192.168.3.4"));
        assert!(lets(&fence, "x", "fd12::1") && lets(&fence, "x", "::ffff:10.1.0.1") && !lets(&fence, "x", "fc00::1"));
        assert!(lets(&"0.0.0.0/0".parse().expect("it reads"), "x", "10.9.9.9"));
        for wrong in ["10.0.0.0/33", "a b", "10.0.0/8", "http://x", "fd00::/129"] {
            assert!(wrong.parse::<Fence>().is_err(), "{wrong}");
        }
        assert_eq!("".parse::<Fence>(), Ok(Fence::default()));
    }
}
