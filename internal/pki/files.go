package pki

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"

	certificateMode fs.FileMode = 0o644
	keyMode         fs.FileMode = 0o600
)

// PEM returns the certificate of the root, which is what clients are given to trust.
func (ca *CA) PEM() []byte {
	return encodeCertificates([][]byte{ca.Root().cert.Raw})
}

// Save writes the authority's certificate and its key (PKCS #8, mode 0600).
// Only a root can be saved.
func (ca *CA) Save(certFile, keyFile string) error {
	if ca.parent != nil {
		return fmt.Errorf("save authority %q: it is not a root", ca.cert.Subject.CommonName)
	}
	return Save(certFile, keyFile, tls.Certificate{Certificate: [][]byte{ca.cert.Raw}, PrivateKey: ca.key})
}

// LoadCA reads what [CA.Save] wrote. It refuses a key that other users of the
// machine can read. A missing file is an error that matches [fs.ErrNotExist].
func LoadCA(certFile, keyFile string) (*CA, error) {
	info, err := os.Stat(keyFile)
	if err != nil {
		return nil, fmt.Errorf("load authority: %w", err)
	}
	if open := info.Mode().Perm() &^ keyMode; open != 0 {
		return nil, fmt.Errorf("load authority: %s can be read by others (mode %04o); run chmod 600 on it", keyFile, info.Mode().Perm())
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("load authority from %s and %s: %w", certFile, keyFile, err)
	}
	if !pair.Leaf.IsCA {
		return nil, fmt.Errorf("load authority: %s is a server's certificate, not an authority's", certFile)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("load authority: the key in %s can't sign", keyFile)
	}
	return &CA{cert: pair.Leaf, key: key}, nil
}

// Save writes a certificate with its chain, and its key (PKCS #8, mode 0600).
// Each file is replaced as a whole, the key first, so that a reader never sees
// half of one.
func Save(certFile, keyFile string, cert tls.Certificate) error {
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return fmt.Errorf("save key to %s: %w", keyFile, err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})
	if err := replaceFile(keyFile, key, keyMode); err != nil {
		return fmt.Errorf("save key: %w", err)
	}
	if err := replaceFile(certFile, encodeCertificates(cert.Certificate), certificateMode); err != nil {
		return fmt.Errorf("save certificate: %w", err)
	}
	return nil
}

// ReadPool reads a file of PEM certificates into a pool of roots.
func ReadPool(file string) (*x509.CertPool, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read roots: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("read roots: %s holds no PEM certificate", file)
	}
	return pool, nil
}

func encodeCertificates(chain [][]byte) []byte {
	var out bytes.Buffer
	for _, der := range chain {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: der}))
	}
	return out.Bytes()
}

// replaceFile writes beside the file and renames, with the final mode from the
// first byte on.
func replaceFile(name string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".new*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
