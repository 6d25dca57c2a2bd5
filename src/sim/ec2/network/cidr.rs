//! Blocks of addresses: `10.40.0.0/16`, `2001:db8::/32`.
//! Only what the rules of groups and the ranges of subnets need.

use std::net::IpAddr;

/// A block of addresses of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix: u32,
}

impl Cidr {
    /// Reads a block; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let prefix = prefix.parse().ok()?;
        (prefix <= bits(address)).then_some(Self { address, prefix })
    }

    /// Tells whether it is a block of IPv6.
    pub fn is_v6(self) -> bool {
        self.address.is_ipv6()
    }

    /// Tells whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        let rest = bits(self.address) - self.prefix;
        let network = |address: IpAddr| number(address).checked_shr(rest).unwrap_or_default();
        self.is_v6() == address.is_ipv6() && network(self.address) == network(address)
    }

    /// Counts its addresses, of IPv4.
    pub fn size(self) -> u64 {
        1_u64
            .checked_shl(bits(self.address) - self.prefix)
            .unwrap_or(u64::MAX)
    }

    /// Returns its `n`th address, of IPv4.
    pub fn nth(self, n: u64) -> Option<IpAddr> {
        let IpAddr::V4(first) = self.address else {
            return None;
        };
        let number = u64::from(u32::from(first)) + n;
        let number = u32::try_from(number).ok()?;
        Some(IpAddr::V4(number.into()))
    }
}

fn bits(address: IpAddr) -> u32 {
    if address.is_ipv6() { 128 } else { 32 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_what_begins_like_it() {
        let holds = |block: &str, address: &str| {
            Cidr::parse(block)
                .unwrap()
                .contains(address.parse().unwrap())
        };
        assert!(holds("10.40.0.0/18", "10.40.63.255"));
        assert!(!holds("10.40.0.0/18", "10.40.64.0"));
        assert!(holds("0.0.0.0/0", "198.51.100.7"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        assert!(holds("198.51.100.7/32", "198.51.100.7"));
        for none in ["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0/8", ""] {
            assert_eq!(Cidr::parse(none), None, "{none}");
        }
    }
}
